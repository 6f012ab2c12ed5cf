import { randomUUID } from 'node:crypto';
import { aLeg, bLeg } from './firstIncident.ts';
import { type DemoWebhook, dialHook, status } from './jambonzWebhooks.ts';

/** How a call of the demo ends. Each has the statuses and the timing of a recorded call. */
export type DemoEnding =
  | 'connects'
  | 'caller hangs up'
  | 'caller is refused'
  | 'no agent answers'
  | 'wrong dial'
  | 'two trunks match'
  | 'no credentials';

/** Callers of the demo, in a range reserved for drama. */
export const CALLERS = Array.from({ length: 40 }, (_, i) => `+4416329600${10 + i}`);

/** What an application dials, and which username it says that it sends, if any. */
interface DemoDial {
  readonly to: string;
  readonly customer_data: object;
}

/** The dial that fits a trunk with this number. */
export function dialOf(called: string, auth_username: string | false = 'livekit_client'): DemoDial {
  return { to: `sip:${called}@demo.sip.livekit.cloud`, customer_data: { sipwhy: { auth_username } } };
}

const RIGHT = dialOf('4991874350352');
/** The dial of the incident: wrong host, wrong number, no credentials. */
export const WRONG_DIAL: DemoDial = { to: bLeg.to, customer_data: bLeg.customer_data };
const RINGS_MS = 250;
/** The dial verb's timeout, in milliseconds. */
const DIAL_TIMEOUT_MS = 20_000;
const TALK_MS = 15_000;

interface DemoCall {
  /** The number that the carrier's caller called. */
  readonly called?: string;
  readonly dialled?: DemoDial;
  /** Makes the ids of the call, each another one. */
  readonly newId?: () => string;
}

/** The webhooks of one call from `caller`, with ids of its own. */
export function demoCall(ending: DemoEnding, caller: string, call: DemoCall = {}): DemoWebhook[] {
  const { called = aLeg.to, dialled = ending === 'wrong dial' ? WRONG_DIAL : RIGHT, newId = randomUUID } = call;
  const ownIds = () => ({ call_sid: newId(), call_id: newId(), sbc_callid: newId() });
  const a = { ...aLeg, ...ownIds(), from: caller, to: called };
  const b = { ...bLeg, ...ownIds(), ...dialled, from: caller, parent_call_sid: a.call_sid };
  const ring = (at: number) => status(at, b, 180, 'Ringing', 'ringing');
  const dial = (at: number, dial_sip_status: number, dial_call_status: string) =>
    dialHook(at, a, { dial_call_status, dial_sip_status, dial_call_sid: b.call_sid, dial_sbc_callid: b.sbc_callid });
  const hungUp = (at: number, by: 'caller' | 'jambonz') =>
    status(at, { ...a, call_termination_by: by }, 200, 'OK', 'completed');
  const begun = [
    status(0, a, 100, 'Trying', 'trying'),
    status(40, a, 200, 'OK', 'in-progress'),
    status(160, b, 100, 'Trying', 'trying'),
  ];
  const refused = (code: number, reason: string) => [
    status(390, b, code, reason, 'failed'),
    dial(400, code, 'failed'),
    hungUp(800, 'jambonz'),
  ];
  const over = 160 + DIAL_TIMEOUT_MS;
  switch (ending) {
    case 'connects': {
      const answered = [ring(RINGS_MS), status(900, b, 200, 'OK', 'in-progress')];
      const end = 900 + TALK_MS;
      const completed = status(end, { ...b, duration: TALK_MS / 1000 }, 200, 'OK', 'completed');
      return [...begun, ...answered, completed, dial(end + 10, 200, 'completed'), hungUp(end + 40, 'caller')];
    }
    case 'caller hangs up':
      return [...begun, ring(RINGS_MS), hungUp(700, 'caller'), dial(710, 180, 'ringing')];
    case 'caller is refused':
      // LiveKit matches nothing: it rings once, and then it is silent.
      return [...begun, ring(RINGS_MS), dial(over, 180, 'ringing'), hungUp(over + 400, 'jambonz')];
    case 'no agent answers':
      return [
        ...begun,
        ...everySecond(RINGS_MS, over).map(ring),
        dial(over, 180, 'ringing'),
        hungUp(over + 400, 'jambonz'),
      ];
    case 'wrong dial':
      return [...begun, ...refused(503, 'Service Unavailable')];
    case 'two trunks match':
      return [...begun, ...refused(503, 'Try again later')];
    case 'no credentials':
      return [...begun, ...refused(407, 'Unauthorized')];
  }
}

function everySecond(from: number, to: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / 1000) }, (_, i) => from + i * 1000);
}
