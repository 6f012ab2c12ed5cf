import { callEvidence } from './evidence.ts';
import { INCIDENT_ALERTS } from './incidentRules.ts';
import { allAttempts, attemptsIncrease, causeInfo, failuresIncrease, responsesIncrease } from './recordings.ts';
import { alertRule, leadingCause, leadingCauses, type RuleGroup } from './rule.ts';
import { fromLabel } from './runbookLinks.ts';

const SPIKE_503 = `sum by (job) (${responsesIncrease('2m').record}{status="503"})`;

/**
 * At least five 503s within two minutes, and a tenth of all attempts: for a spike of many causes or trunks, of which
 * none pages by itself. It waits longer than SipwhyIncident, and ends sooner, so that an incident's page inhibits it.
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
  keepFiringFor: '2m',
  summary: `503: ${leadingCause('job', '2m')}, {{ $value | printf "%.0f" }} calls in 2 min`,
  description:
    '{{ $value | printf "%.0f" }} attempts were answered with 503 within 2 minutes. ' +
    'A 503 has many causes, and most are not LiveKit’s. ' +
    `Causes:${leadingCauses('job', '2m')}`,
  evidence: callEvidence({
    share: {
      query: `sum(${responsesIncrease('2m').record}{job=%q, status="503"}) / sum(${attemptsIncrease('2m').record}{job=%q})`,
      labels: ['job', 'job'],
    },
    failing: { query: `sum(${responsesIncrease('2m').record}{job=%q, status="503"})`, labels: ['job'] },
    byTrunk: {
      query: `sum by (trunk) (${attemptsIncrease('2m').record}{job=%q, outcome="failed"})`,
      labels: ['job'],
    },
    of: 'all attempts within 2 minutes',
  }),
  calls: { status: '503' },
  dashboard: 'sipwhy-overview',
});

const FAILED_OF_TRUNK = `sum by (job, trunk) (${attemptsIncrease('5m').record}{outcome="failed"})`;
const COUNTED_OF_TRUNK = `sum by (job, trunk) (${attemptsIncrease('5m').record}{outcome=~"connected|failed"})`;

/** For a trunk whose calls fail from many causes. One cause alone pages as an incident, which inhibits this. */
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
  keepFiringFor: '2m',
  summary: `Trunk {{ $labels.trunk }}: ${leadingCause('trunk', '5m')}, {{ $value | printf "%.0f" }} calls in 5 min`,
  description:
    '{{ $value | printf "%.0f" }} calls of trunk {{ $labels.trunk }} failed within 5 minutes, ' +
    'at least half of those that connected or failed. ' +
    `Causes:${leadingCauses('trunk', '5m')}`,
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
    ...INCIDENT_ALERTS,
    high503Rate,
    trunkFailing,
  ],
};
