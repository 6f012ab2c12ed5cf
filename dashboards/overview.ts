import { buildDashboard } from './dashboard.ts';
import { graph, stat, table } from './panels.ts';
import { ALL, grown, grownInAll, quantile, ratio } from './selector.ts';

const ATTEMPTS = `sipwhy_call_attempts_total{${ALL}}`;
const CONNECTED = `sipwhy_call_attempts_total{${ALL}, outcome="connected"}`;
const COUNTED = `sipwhy_call_attempts_total{${ALL}, outcome=~"connected|failed"}`;
const REACHED = `sipwhy_call_attempts_total{${ALL}, outcome=~"connected|not_counted"}`;
const FAILED = `sipwhy_call_attempts_total{${ALL}, outcome="failed"}`;
const FAILURES = `sipwhy_call_failures_total{${ALL}}`;
const RESPONSES_503 = `sipwhy_sip_responses_total{${ALL}, status="503"}`;

function failuresOf(parties: string): string {
  return grownInAll(`sipwhy_call_failures_total{${ALL}, party=~"${parties}"}`);
}

/** Causes that Jambonz reports as a 503, whoever meant it; the causes of a plain 503 are why sipwhy exists. */
const CAUSES_OF_503 = [
  'livekit_unavailable',
  'livekit_quota_exceeded',
  'trunk_conflict',
  'dispatch_rule_conflict',
  'jambonz_capacity',
  'jambonz_account_limit',
  'jambonz_service_provider_limit',
  'jambonz_no_subscription',
  'dns_failure',
  'transport_unreachable',
].join('|');

const WHOSE = [
  ['Us: dialling', 'application', 'Our Jambonz application dialled wrongly: credentials, number or host.'],
  ['Us: LiveKit settings', 'livekit_config', 'Our trunks or dispatch rules in LiveKit refuse the call.'],
  ['LiveKit', 'livekit', 'LiveKit could not process the call, was out of quota, or closed the room.'],
  ['Jambonz', 'jambonz', 'A limit, a subscription, a route or an error of Jambonz.'],
  ['Network', 'network', 'DNS, transport or time-outs between the SBC and LiveKit.'],
  ['Agent', 'agent|media', 'LiveKit admitted the call, and no agent spoke; or no codec was common.'],
  ['Carrier', 'carrier', 'A carrier refused a leg that is not LiveKit’s.'],
  ['Not known', 'unknown', 'The evidence did not show the cause. Counted, never guessed.'],
] as const;

export const OVERVIEW = buildDashboard({
  uid: 'sipwhy-overview',
  title: 'sipwhy: why calls fail',
  description: 'Is it us, LiveKit, Jambonz, the network or the agent? Failed calls by who must act, and by cause.',
  rows: [
    {
      title: 'Do calls connect?',
      panels: [
        stat({
          title: 'Success ratio',
          description: 'Connected calls among those that connected or failed. Busy callees and the like do not count.',
          unit: 'percentunit',
          span: 6,
          expr: ratio(grownOverRange(CONNECTED), grownOverRange(COUNTED)),
          limits: { yellow: 0.99, red: 0.95 },
          runbook: 'SipwhyCallSuccessBurnFast',
        }),
        stat({
          title: 'Answer seizure ratio (ASR)',
          description: 'Connected calls among all attempts.',
          unit: 'percentunit',
          span: 6,
          expr: ratio(grownOverRange(CONNECTED), grownOverRange(ATTEMPTS)),
        }),
        stat({
          title: 'Network effectiveness ratio (NER)',
          description: 'Attempts that reached the callee, whatever the callee then did, among all attempts.',
          unit: 'percentunit',
          span: 6,
          expr: ratio(grownOverRange(REACHED), grownOverRange(ATTEMPTS)),
        }),
        stat({
          title: 'Failed calls',
          description: 'Attempts that failed for a cause somebody can act on.',
          unit: 'short',
          span: 6,
          expr: grownInAll(FAILED),
        }),
      ],
    },
    {
      title: 'Whose is it?',
      panels: WHOSE.map(([title, parties, description]) =>
        stat({ title, description, unit: 'short', span: 3, expr: failuresOf(parties), limits: { yellow: 1, red: 10 } }),
      ),
    },
    {
      title: 'Why?',
      panels: [
        graph({
          title: 'Failed calls by who must act',
          description: 'Each failed call counts once, for the party of its first cause.',
          unit: 'short',
          span: 12,
          stacked: true,
          lines: { '{{party}}': `${grown(FAILURES, 'party')} > 0` },
        }),
        graph({
          title: 'Failed calls by cause',
          description:
            'Each failed call counts once, for its first cause. The id of a cause is also its alert’s label.',
          unit: 'short',
          span: 12,
          stacked: true,
          lines: { '{{cause}}': `${grown(FAILURES, 'cause')} > 0` },
          runbook: 'SipwhyNewCause',
        }),
        table({
          title: 'Causes, and what to do',
          description:
            'The causes of the time shown, with the fix of each. The exact change is in each call’s explanation.',
          unit: 'short',
          span: 24,
          expr:
            `sort_desc(round(${grownInAll(FAILURES, 'cause, party')} > 0) * on (cause) group_left (title, fix) ` +
            `topk by (cause) (1, max by (cause, title, fix) (sipwhy_cause_info{${ALL}})))`,
          columns: { Value: 'Calls', cause: 'Cause', title: 'What it is', party: 'Who must act', fix: 'Fix' },
        }),
      ],
    },
    {
      title: 'The 503 taken apart',
      panels: [
        graph({
          title: '503 responses by origin',
          description:
            'Who said 503: LiveKit, Jambonz itself, the SIP stack of the SBC in nobody’s name, or a far end.',
          unit: 'short',
          span: 12,
          stacked: true,
          lines: { '{{origin}}': `${grown(RESPONSES_503, 'origin')} > 0` },
          runbook: 'SipwhyHigh503Rate',
        }),
        graph({
          title: 'Causes that look like a 503',
          description: 'Failed calls whose cause is one of those that Jambonz reports as 503.',
          unit: 'short',
          span: 12,
          stacked: true,
          lines: {
            '{{cause}}': `${grown(`sipwhy_call_failures_total{${ALL}, cause=~"${CAUSES_OF_503}"}`, 'cause')} > 0`,
          },
          runbook: 'SipwhyHigh503Rate',
        }),
      ],
    },
    {
      title: 'How many, and how fast?',
      panels: [
        graph({
          title: 'Attempts by outcome',
          description:
            'not_counted: the callee was busy, declined, did not answer or is unknown, or the caller gave up.',
          unit: 'short',
          span: 8,
          stacked: true,
          lines: { '{{outcome}}': grown(ATTEMPTS, 'outcome') },
        }),
        graph({
          title: 'SIP responses by status',
          description: 'The last response of each attempt.',
          unit: 'short',
          span: 8,
          stacked: true,
          lines: { '{{status}}': `${grown(`sipwhy_sip_responses_total{${ALL}}`, 'status')} > 0` },
        }),
        graph({
          title: 'Setup time',
          description: 'From the INVITE to the answer, of calls that connected.',
          unit: 's',
          span: 8,
          lines: {
            median: quantile(0.5, 'sipwhy_call_setup_seconds'),
            '95 of 100': quantile(0.95, 'sipwhy_call_setup_seconds'),
            '99 of 100': quantile(0.99, 'sipwhy_call_setup_seconds'),
          },
        }),
      ],
    },
  ],
});

function grownOverRange(selector: string): string {
  return `sum (increase(${selector}[$__range]))`;
}
