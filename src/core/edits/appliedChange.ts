import type { Change } from '../fixes/fix.ts';
import type { Edit } from './edits.ts';
import { editsInShort } from './editText.ts';

/** A change of LiveKit's configuration that `sipwhy fix` or `sipwhy audit --fix` made. It has no secrets. */
export interface AppliedChange {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by: string;
  readonly why?: string;
  /** What it fixed: the id of an incident, a call_sid, or the id of a finding. */
  readonly subject: string;
  /** Cause id or finding id. */
  readonly cause: string;
  readonly changes: readonly Change[];
  /** With the values before and after. */
  readonly edits: readonly Edit[];
  readonly undone?: { readonly at: number; readonly by: string };
}

export type DescribedApplied = ReturnType<typeof describeApplied>;

/** An applied change as JSON. Keys are public. */
export function describeApplied({ id, at, by, why, subject, cause, edits, undone }: AppliedChange) {
  return {
    id,
    at: new Date(at).toISOString(),
    by,
    why: why ?? null,
    /** Incident id, call_sid or finding id. */
    subject,
    cause,
    what: editsInShort(edits),
    undone_at: undone ? new Date(undone.at).toISOString() : null,
    undone_by: undone?.by ?? null,
  };
}

/** An applied change for a terminal. */
export function appliedText({ id, at, by, why, subject, cause, what, undone_at, undone_by }: DescribedApplied): string {
  return [
    `Applied change ${id}, ${at}, by ${by}`,
    `  for ${cause}${subject === cause ? '' : ` (${subject})`}${why === null ? '' : `: ${why}`}`,
    ...what.map((line) => `  - ${line}`),
    ...(undone_at === null ? [] : [`  undone ${undone_at} by ${undone_by}`]),
    '',
  ].join('\n');
}
