import { createHash } from 'node:crypto';
import { CALLERS, type DemoEnding, demoCall, dialOf, WRONG_DIAL } from './demoCalls.ts';
import { configurationWith } from './demoPhases.ts';
import { incident } from './firstIncident.ts';
import type { DemoWebhook } from './jambonzWebhooks.ts';

/** A day of calls, the same each time. Times in milliseconds before its end. */
export interface SampleDay {
  /** LiveKit's trunks and rules from each time on, the first ones from before the day. */
  readonly configurations: readonly { readonly before: number; readonly livekit: object }[];
  /** In the order in which they began. */
  readonly calls: readonly { readonly before: number; readonly webhooks: readonly DemoWebhook[] }[];
}

const MINUTE_MS = 60_000;
const SBC = '54.236.168.131';
/** In a range reserved for drama, as are the callers. */
const SALES = '441632960100';
const SUPPORT = '441632960200';
const INBOUND = '4991874350352';
/** The same number as the carrier sends it, without the country code. */
const WRONG_NUMBER = '91874350352';

interface TrunkAndRule {
  readonly inbound_trunks: readonly object[];
  readonly dispatch_rules: readonly object[];
}

function trunkAndRule(id: string, name: string, number: string, agent: string): TrunkAndRule {
  const sip_trunk_id = `ST_${id}`;
  return {
    inbound_trunks: [{ sip_trunk_id, name, numbers: [`+${number}`], allowed_addresses: [SBC] }],
    dispatch_rules: [
      {
        sip_dispatch_rule_id: `SDR_${id}`,
        rule: { dispatch_rule_individual: { room_prefix: `${agent}-` } },
        trunk_ids: [sip_trunk_id],
        room_config: { agents: [{ agent_name: agent }] },
      },
    ],
  };
}

function together(...parts: readonly TrunkAndRule[]): TrunkAndRule {
  return {
    inbound_trunks: parts.flatMap((part) => part.inbound_trunks),
    dispatch_rules: parts.flatMap((part) => part.dispatch_rules),
  };
}

/** A time of the day, in minutes before its end, in which calls fail, one each `everyMinutes`. */
interface Fault {
  readonly from: number;
  readonly to: number;
  readonly everyMinutes: number;
  readonly ending: DemoEnding;
  readonly called: string;
  /** Absent: the trunk with the called number. */
  readonly dialled?: ReturnType<typeof dialOf>;
}

/** Agents that were gone, a trunk that was copied, and the four faults of the incident, found one after the other. */
const FAULTS: readonly Fault[] = [
  { from: 1180, to: 1150, everyMinutes: 3, ending: 'no agent answers', called: SUPPORT },
  { from: 555, to: 532, everyMinutes: 1.3, ending: 'two trunks match', called: SALES },
  { from: 70, to: 46, everyMinutes: 2, ending: 'wrong dial', called: INBOUND, dialled: WRONG_DIAL },
  {
    from: 43,
    to: 31,
    everyMinutes: 2,
    ending: 'caller is refused',
    called: INBOUND,
    dialled: dialOf(WRONG_NUMBER, false),
  },
  { from: 28, to: 17, everyMinutes: 2, ending: 'caller is refused', called: INBOUND, dialled: dialOf(INBOUND, false) },
  { from: 13, to: 2, everyMinutes: 2, ending: 'no credentials', called: INBOUND, dialled: dialOf(INBOUND, false) },
];
/** How often a call comes to the trunks that work, in minutes, and how long before the end of the day the first one. */
const EVERY_MINUTES = 6;
const FIRST_MINUTES = 1438;

/** The incident that sipwhy began with, and the day before it. */
export function sampleDay(): SampleDay {
  const working = together(
    trunkAndRule('SampleSales', 'Sales', SALES, 'sales-agent'),
    trunkAndRule('SampleSupport', 'Support', SUPPORT, 'support-agent'),
  );
  const copied = together(working, trunkAndRule('SampleSalesCopy', 'Sales (copy)', SALES, 'sales-agent'));
  // The cast: configurationWith makes both lists.
  const withInbound = (allowedNumbers: readonly string[]) =>
    together(configurationWith(allowedNumbers) as TrunkAndRule, working);
  const configurations = [
    { before: 1450, livekit: working },
    { before: 558, livekit: copied },
    { before: 530, livekit: working },
    { before: 75, livekit: withInbound([INBOUND]) },
    { before: 15, livekit: withInbound([]) },
  ];
  let ids = 0;
  const newId = () => {
    ids += 1;
    return uuidOf(`call ${ids}`);
  };
  const calls = callTimes().map(({ minutes, ending, called, dialled = dialOf(called) }, i) => ({
    before: minutes * MINUTE_MS,
    webhooks: demoCall(ending, CALLERS[(i * 7) % CALLERS.length] ?? '', { called, dialled, newId }),
  }));
  return {
    configurations: configurations.map(({ before, livekit }) => ({ before: before * MINUTE_MS, livekit })),
    calls,
  };
}

function callTimes() {
  const times: (Pick<Fault, 'ending' | 'called' | 'dialled'> & { readonly minutes: number })[] = [];
  for (const { from, to, everyMinutes, ...fault } of FAULTS)
    for (let minutes = from; minutes >= to; minutes -= everyMinutes) times.push({ minutes, ...fault });
  for (let n = 0; FIRST_MINUTES - n * EVERY_MINUTES > 0; n += 1) {
    const minutes = FIRST_MINUTES - n * EVERY_MINUTES;
    const called = n % 3 === 0 ? SUPPORT : SALES;
    const isFailing = FAULTS.some((fault) => fault.called === called && inFault(fault, minutes));
    if (!isFailing) times.push({ minutes, ending: n % 9 === 4 ? 'caller hangs up' : 'connects', called });
  }
  return times.sort((a, b) => b.minutes - a.minutes);
}

function inFault({ from, to }: Fault, minutes: number): boolean {
  return minutes <= from + 1 && minutes >= to - 1;
}

/** An id that is the same wherever the day is made. */
export function uuidOf(name: string): string {
  const hex = createHash('sha256').update(`sipwhy sample ${name}`).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

/** What the operator of the day's LiveKit and Jambonz would have set. */
export const SAMPLE_SITE = {
  sipHosts: ['demo.sip.livekit.cloud'],
  livekitUrl: incident.livekit_url,
  sbcAddresses: [SBC],
};
