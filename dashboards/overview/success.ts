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

/** How many times as fast as allowed the budget is used up, of the job that is worst off; no calls use up nothing. */
function burn(window: string): string {
  return `max (${recorded(failureRatioRecord(window))} >= 0) / ${ERROR_BUDGET} or vector(0)`;
}

export const SUCCESS_ROW: Row = {
  title: 'Do calls connect?',
  panels: [
    stat({
      title: 'Success ratio',
      description: `Connected calls among those that connected or failed; the objective is ${SUCCESS_OBJECTIVE * 100} %. Busy callees and the like do not count.`,
      unit: 'percentunit',
      span: 4,
      expr: ratioInAll(CONNECTED, COUNTED),
      limits: { yellow: SUCCESS_OBJECTIVE, red: 0.95 },
      runbook: 'SipwhyCallSuccessBurnFast',
    }),
    stat({
      title: 'Error budget burn',
      description: `How many times as fast as the objective allows calls failed within the last hour. ${Math.max(...PAGING)} pages.`,
      unit: 'none',
      span: 4,
      expr: burn('1h'),
      limits: { yellow: 1, red: Math.max(...PAGING) },
      runbook: 'SipwhyCallSuccessBurnFast',
    }),
    stat({
      title: 'Failed calls',
      description: 'Attempts that failed for a cause somebody can act on.',
      unit: 'short',
      span: 4,
      expr: grownInAll(FAILED),
      calls: { outcome: 'failed' },
    }),
    stat({
      title: 'Open incidents',
      description: 'Failures folded by cause and trunk, and not over yet. The page shows each with its fix.',
      unit: 'short',
      span: 4,
      // Each replica reports those of all.
      expr: `sum (max by (cause) (sipwhy_incidents_open{${ALL}})) or vector(0)`,
      limits: { yellow: 1, red: 5 },
    }),
    stat({
      title: 'Answer seizure ratio (ASR)',
      description: 'Connected calls among all attempts.',
      unit: 'percentunit',
      span: 4,
      expr: ratioInAll(CONNECTED, ATTEMPTS),
    }),
    stat({
      title: 'Network effectiveness ratio (NER)',
      description: 'Attempts that reached the callee, whatever the callee then did, among all attempts.',
      unit: 'percentunit',
      span: 4,
      expr: ratioInAll(REACHED, ATTEMPTS),
    }),
  ],
};

export const OBJECTIVE_ROW: Row = {
  title: 'The success objective',
  panels: [
    graph({
      title: 'Success within an hour, and the objective',
      description:
        'Connected calls among those that connected or failed, over the hour before. Gaps are hours without calls.',
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
      description: `How many times as fast as the objective allows calls fail, over several windows: 1 uses up the failures allowed for 30 days in 30 days. Alerts: ${BURNS.map(({ factor, long, severity }) => `${factor} over ${long} (${severity})`).join(', ')}.`,
      unit: 'none',
      span: 12,
      lines: Object.fromEntries(BURNS.map(({ long }) => [long, burn(long)])),
      runbook: 'SipwhyCallSuccessBurnSlow',
    }),
  ],
};
