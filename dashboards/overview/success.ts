import { BURNS, ERROR_BUDGET, failureRatioRecord, SUCCESS_OBJECTIVE } from '../../alerts/rules/objective.ts';
import type { Row } from '../dashboard.ts';
import { graph, stat } from '../panels.ts';
import { ALL, grownInAll, ratioInAll, recorded } from '../selector.ts';

const ATTEMPTS = `sipwhy_call_attempts_total{${ALL}}`;
const CONNECTED = `sipwhy_call_attempts_total{${ALL}, outcome="connected"}`;
const COUNTED = `sipwhy_call_attempts_total{${ALL}, outcome=~"connected|failed"}`;
const REACHED = `sipwhy_call_attempts_total{${ALL}, outcome=~"connected|not_counted"}`;
const FAILED = `sipwhy_call_attempts_total{${ALL}, outcome="failed"}`;

const PAGING = BURNS.filter(({ severity }) => severity === 'page').map(({ factor }) => factor);
const WITHOUT_RULES = 'no calls, or the recording rules are not loaded';

/** The burn rate of the job with the highest one; 0 without calls. */
function burn(window: string): string {
  return `max (${recorded(failureRatioRecord(window))} >= 0) / ${ERROR_BUDGET} or vector(0)`;
}

export const SUCCESS_ROW: Row = {
  title: 'Do calls connect?',
  panels: [
    stat({
      title: 'Success ratio',
      description: `Share of calls that connected, among those that connected or failed. Objective: ${SUCCESS_OBJECTIVE * 100} %. Calls without a fault, such as busy callees, are not counted.`,
      unit: 'percentunit',
      span: 4,
      expr: ratioInAll(CONNECTED, COUNTED),
      limits: { yellow: SUCCESS_OBJECTIVE, red: 0.95 },
      runbook: 'SipwhyCallSuccessBurnFast',
    }),
    stat({
      title: 'Error budget burn',
      description: `Failure rate of the last hour, relative to the rate that the objective allows. ${Math.max(...PAGING)} pages.`,
      unit: 'none',
      span: 4,
      expr: burn('1h'),
      limits: { yellow: 1, red: Math.max(...PAGING) },
      runbook: 'SipwhyCallSuccessBurnFast',
    }),
    stat({
      title: 'Failed calls',
      description: 'Attempts that failed because of a fault that has an owner.',
      unit: 'short',
      span: 4,
      expr: grownInAll(FAILED),
      calls: { outcome: 'failed' },
    }),
    stat({
      title: 'Open incidents',
      description: 'Failures grouped by cause and trunk that are not over. sipwhy’s page shows each with its fix.',
      unit: 'short',
      span: 4,
      // Each replica reports the incidents of all replicas.
      expr: `sum (max by (cause) (sipwhy_incidents_open{${ALL}})) or vector(0)`,
      limits: { yellow: 1, red: 5 },
    }),
    stat({
      title: 'Answer seizure ratio (ASR)',
      description: 'Share of all attempts that connected.',
      unit: 'percentunit',
      span: 4,
      expr: ratioInAll(CONNECTED, ATTEMPTS),
    }),
    stat({
      title: 'Network effectiveness ratio (NER)',
      description: 'Share of all attempts that reached the callee, even if the callee was busy or declined.',
      unit: 'percentunit',
      span: 4,
      expr: ratioInAll(REACHED, ATTEMPTS),
    }),
  ],
};

export const OBJECTIVE_ROW: Row = {
  title: 'Success objective',
  panels: [
    graph({
      title: 'Hourly success ratio and objective',
      description:
        'Share of calls that connected, among those that connected or failed in the hour before each point. Gaps: no calls.',
      unit: 'percentunit',
      span: 12,
      lines: {
        '{{job}}': `1 - (${recorded(failureRatioRecord('1h'))} >= 0)`,
        objective: `vector(${SUCCESS_OBJECTIVE})`,
      },
      nothing: WITHOUT_RULES,
      runbook: 'SipwhyCallSuccessBurnFast',
    }),
    graph({
      title: 'Error budget burn by window',
      description: `Failure rate relative to the rate that the objective allows, by window. At 1, the 30-day budget lasts 30 days. Alerts: ${BURNS.map(({ factor, long, severity }) => `${factor} over ${long} (${severity})`).join(', ')}.`,
      unit: 'none',
      span: 12,
      lines: Object.fromEntries(BURNS.map(({ long }) => [long, burn(long)])),
      runbook: 'SipwhyCallSuccessBurnSlow',
    }),
  ],
};
