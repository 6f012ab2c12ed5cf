import { ofLine, ofRow } from './dashboardLinks.ts';
import { graph, table } from './panels.ts';
import { ALL, grown, grownInAll } from './selector.ts';

// Panels that several dashboards show, each for other calls.

/** Attempts over time, by outcome. */
export function attemptsByOutcome(attempts: string, span: number) {
  return graph({
    title: 'Attempts by outcome',
    description: 'not_counted: the callee was busy, declined, did not answer or is unknown, or the caller hung up.',
    unit: 'short',
    span,
    stacked: true,
    lines: { '{{outcome}}': grown(attempts, 'outcome') },
    calls: ofLine('outcome'),
  });
}

const HEADINGS = { trunk: 'Trunk', cause: 'Cause', party: 'Owner' } as const;

interface CausesTable {
  readonly title: string;
  readonly description: string;
  /** A counter of failed calls, with the labels `cause` and `party`. */
  readonly failures: string;
  /** The labels of a row. */
  readonly by: readonly (keyof typeof HEADINGS)[];
  /** Further filters of the calls that a row links to. */
  readonly calls?: Readonly<Record<string, string>>;
}

/** The causes in the time range, the most frequent first, each with its title and fix. */
export function causesTable({ title, description, failures, by, calls }: CausesTable) {
  const counted = `round(${grownInAll(failures, by.join(', '))}) > 0`;
  // During a rolling upgrade two instances may have different texts for a cause, and a join needs one.
  const info = `topk by (cause) (1, max by (cause, title, fix) (sipwhy_cause_info{${ALL}}))`;
  return table({
    title,
    description,
    unit: 'short',
    span: 24,
    expr: `sort_desc((${counted}) * on (cause) group_left (title, fix) ${info})`,
    columns: {
      Value: 'Calls',
      ...Object.fromEntries(by.map((label) => [label, HEADINGS[label]])),
      title: 'Meaning',
      fix: 'Fix',
    },
    nothing: 'no failed calls',
    calls: { ...ofRow(...by.filter((label) => label !== 'party')), ...calls },
  });
}
