import { ofLine, ofRow } from './dashboardLinks.ts';
import { graph, table } from './panels.ts';
import { ALL, grown, grownInAll } from './selector.ts';

// Panels on calls that more than one dashboard has, each time of other calls.

/** Attempts over time, by what became of them. */
export function attemptsByOutcome(attempts: string, span: number) {
  return graph({
    title: 'Attempts by outcome',
    description: 'not_counted: the callee was busy, declined, did not answer or is unknown, or the caller gave up.',
    unit: 'short',
    span,
    stacked: true,
    lines: { '{{outcome}}': grown(attempts, 'outcome') },
    calls: ofLine('outcome'),
  });
}

const HEADINGS = { trunk: 'Trunk', cause: 'Cause', party: 'Who must act' } as const;

interface CausesTable {
  readonly title: string;
  readonly description: string;
  /** A counter of failed calls, with the labels `cause` and `party`. */
  readonly failures: string;
  /** The labels that make a row. */
  readonly by: readonly (keyof typeof HEADINGS)[];
  /** Narrows the calls that a row links to. */
  readonly calls?: Readonly<Record<string, string>>;
}

/** The causes of the time shown, the most frequent first, each with what it is and its fix. */
export function causesTable({ title, description, failures, by, calls }: CausesTable) {
  const counted = `round(${grownInAll(failures, by.join(', '))}) > 0`;
  // During a rolling upgrade two instances may word a cause differently; a join wants one.
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
      title: 'What it is',
      fix: 'Fix',
    },
    nothing: 'no failed calls in this time',
    calls: { ...ofRow(...by.filter((label) => label !== 'party')), ...calls },
  });
}
