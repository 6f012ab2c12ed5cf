import { callEvidence } from './evidence.ts';
import { allAttempts, attemptsIncrease, causeInfo, failuresIncrease, responsesIncrease } from './recordings.ts';
import { alertRule, leadingCauses, type RuleGroup } from './rule.ts';
import { fromLabel } from './runbookLinks.ts';

const FAILED_BY_TRUNK = {
  query: `sum by (trunk) (${attemptsIncrease('5m').record}{job=%q, outcome="failed"})`,
  labels: ['job'],
};

/** Evidence about calls of a job. `counted` selects their counts, narrowed to `{job=%q, …}`. */
function evidenceOfJob(counted: string, window: '2m' | '5m'): string {
  return callEvidence({
    share: {
      query: `sum(${counted}) / sum(${attemptsIncrease(window).record}{job=%q})`,
      labels: ['job', 'job'],
    },
    failing: { query: `sum(${counted})`, labels: ['job'] },
    byTrunk: FAILED_BY_TRUNK,
    of: `all attempts within ${parseInt(window, 10)} minutes`,
  });
}

const SPIKE_503 = `sum by (job) (${responsesIncrease('2m').record}{status="503"})`;

/**
 * At least five 503s within two minutes, and a tenth of all attempts. A spike reaches that within seconds; one failed
 * call at night with two redials does not.
 */
const high503Rate = alertRule({
  alert: 'SipwhyHigh503Rate',
  severity: 'page',
  scope: 'job',
  expr: `
${SPIKE_503} >= 5
and
${SPIKE_503} / ${allAttempts('2m')} >= 0.1
`,
  for: '30s',
  // A spike comes in bursts. Without this, each burst would be its own page.
  keepFiringFor: '5m',
  summary: 'Calls fail with 503',
  description:
    '{{ $value | printf "%.0f" }} attempts were answered with 503 within 2 minutes. ' +
    'A 503 has many causes, and most are not LiveKit’s. ' +
    `Current causes:${leadingCauses('job')}`,
  evidence: evidenceOfJob(`${responsesIncrease('2m').record}{job=%q, status="503"}`, '2m'),
  calls: { status: '503' },
  dashboard: 'sipwhy-overview',
});

const LIVEKIT_UNAVAILABLE = `sum by (job) (${failuresIncrease('5m').record}{cause="livekit_unavailable"})`;

const liveKitDown = alertRule({
  alert: 'SipwhyLiveKitDown',
  severity: 'page',
  scope: 'job',
  expr: `
${LIVEKIT_UNAVAILABLE} >= 5
and
${LIVEKIT_UNAVAILABLE} / ${allAttempts('5m')} >= 0.2
`,
  for: '30s',
  keepFiringFor: '5m',
  summary: 'LiveKit can’t process calls',
  description:
    '{{ $value | printf "%.0f" }} attempts within 5 minutes reached LiveKit’s SIP service, but it could not process them. ' +
    'Alerts about single trunks are muted meanwhile. ' +
    `Current causes:${leadingCauses('job')}`,
  evidence: evidenceOfJob(`${failuresIncrease('5m').record}{job=%q, cause="livekit_unavailable"}`, '5m'),
  calls: { cause: 'livekit_unavailable' },
  dashboard: 'sipwhy-overview',
});

const FAILED_OF_TRUNK = `sum by (job, trunk) (${attemptsIncrease('5m').record}{outcome="failed"})`;
const COUNTED_OF_TRUNK = `sum by (job, trunk) (${attemptsIncrease('5m').record}{outcome=~"connected|failed"})`;

const trunkFailing = alertRule({
  alert: 'SipwhyTrunkFailing',
  severity: 'page',
  scope: 'trunk',
  expr: `
${FAILED_OF_TRUNK} >= 5
and
${FAILED_OF_TRUNK} / ${COUNTED_OF_TRUNK} >= 0.5
`,
  for: '1m',
  keepFiringFor: '5m',
  summary: 'Most calls of trunk {{ $labels.trunk }} fail',
  description:
    '{{ $value | printf "%.0f" }} calls of trunk {{ $labels.trunk }} failed within 5 minutes, ' +
    'at least half of those that connected or failed. ' +
    `Current causes:${leadingCauses('trunk')}`,
  evidence: callEvidence({
    share: {
      query:
        `sum(${attemptsIncrease('5m').record}{job=%q, trunk=%q, outcome="failed"}) / ` +
        `sum(${attemptsIncrease('5m').record}{job=%q, trunk=%q, outcome=~"connected|failed"})`,
      labels: ['job', 'trunk', 'job', 'trunk'],
    },
    failing: {
      query: `sum(${attemptsIncrease('5m').record}{job=%q, trunk=%q, outcome="failed"})`,
      labels: ['job', 'trunk'],
    },
    of: 'the calls of the trunk within 5 minutes',
  }),
  calls: { outcome: 'failed', trunk: fromLabel('trunk') },
  dashboard: 'sipwhy-trunk',
  dashboardLabels: ['job', 'trunk'],
});

const NO_AGENT = `sum by (job) (${failuresIncrease('5m').record}{party="agent"})`;

const agentNotJoining = alertRule({
  alert: 'SipwhyAgentNotJoining',
  severity: 'page',
  scope: 'job',
  expr: `
${NO_AGENT} >= 3
and
${NO_AGENT} / ${allAttempts('5m')} >= 0.2
`,
  for: '1m',
  keepFiringFor: '5m',
  summary: 'Callers hear ringing, but no agent answers',
  description:
    '{{ $value | printf "%.0f" }} calls within 5 minutes were admitted by LiveKit, but no agent answered. ' +
    `Current causes:${leadingCauses('job')}`,
  evidence: evidenceOfJob(`${failuresIncrease('5m').record}{job=%q, party="agent"}`, '5m'),
  calls: { party: 'agent' },
  dashboard: 'sipwhy-overview',
});

/** Alerts that must fire within seconds. Recordings come first, because a group is evaluated in order. */
export const CALLS: RuleGroup = {
  name: 'sipwhy.calls',
  interval: '15s',
  rules: [
    attemptsIncrease('2m'),
    responsesIncrease('2m'),
    attemptsIncrease('5m'),
    failuresIncrease('5m'),
    causeInfo,
    high503Rate,
    liveKitDown,
    trunkFailing,
    agentNotJoining,
  ],
};
