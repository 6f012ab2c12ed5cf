import type { DemoEnding } from './demoCalls.ts';
import { incident } from './firstIncident.ts';

/** A part of the demo, in which calls end in given ways, one after the other. */
export interface Phase {
  /** When it begins, as a share of the whole time. */
  readonly from: number;
  /** What happens, for the person who watches. */
  readonly what: string;
  readonly endings: readonly DemoEnding[];
  /** The trunk's allowed_numbers from here on. */
  readonly allowedNumbers: readonly string[];
}

const TRUNK_NUMBERS = ['4991874350352'];
const MOSTLY_CONNECT = ['connects', 'connects', 'connects', 'connects', 'caller hangs up'] as const;

/** A fault of the configuration and one of an application, their fix, agents that are gone, and their return. */
export const PHASES: readonly Phase[] = [
  { from: 0, what: 'calls connect', endings: MOSTLY_CONNECT, allowedNumbers: [] },
  {
    from: 0.2,
    what: 'somebody puts the trunk’s own number into its allowed_numbers, and an application dials a wrong host: two incidents open',
    endings: ['caller is refused', 'caller is refused', 'wrong dial'],
    allowedNumbers: TRUNK_NUMBERS,
  },
  {
    from: 0.5,
    what: 'both are mended: calls connect, and the incidents close',
    endings: MOSTLY_CONNECT,
    allowedNumbers: [],
  },
  { from: 0.65, what: 'no agent answers: an incident opens', endings: ['no agent answers'], allowedNumbers: [] },
  {
    from: 0.7,
    what: 'the agents are back: the incident closes five minutes after the last failure, when three calls in a row have connected',
    endings: MOSTLY_CONNECT,
    allowedNumbers: [],
  },
];

/** LiveKit's trunk and rule of the incident, with other callers allowed; none listed are all. */
export function configurationWith(allowed_numbers: readonly string[]): object {
  const { inbound_trunks, ...others } = incident.livekit as { inbound_trunks: readonly object[] };
  return { ...others, inbound_trunks: inbound_trunks.map((trunk) => ({ ...trunk, allowed_numbers })) };
}
