import { randomUUID } from 'node:crypto';
import type { ApplyOptions, Consent } from '../cli/applyOptions.ts';
import { isDryRun } from '../cli/applyOptions.ts';
import type { AppliedChange } from '../core/edits/appliedChange.ts';
import { differenceLines } from '../core/edits/editText.ts';
import { keptEdit } from '../core/edits/keptObject.ts';
import { withStore } from '../service/answers/commandAnswers.ts';
import { WrongUse } from '../settings/commandSettings.ts';
import type { AppliedChanges } from '../store/appliedChanges.ts';
import { type Amended, amend, type Plan } from './amend.ts';
import type { LiveKitAccess } from './liveKitAccess.ts';

/** What a change fixes, for the history. */
export type Reason = Pick<AppliedChange, 'subject' | 'cause' | 'changes'>;

export interface Carried {
  readonly state: 'dry_run' | 'declined' | 'refused' | 'failed' | 'applied';
  /** The record of the change; `null` if there is none. */
  readonly id: string | null;
  /** What LiveKit has now; only if something was written. */
  readonly amended?: Extract<Amended, { state: 'made' | 'failed' }>;
}

export function fullDifference(plan: Pick<Plan, 'edits'>): string {
  return `The change of LiveKit’s configuration:\n${differenceLines(plan.edits).join('\n')}\n`;
}

/** Asks, makes the change, records it, and says what came of it. The difference was shown before. */
export async function carryOut(
  access: LiveKitAccess,
  plan: Plan,
  reason: Reason,
  { options, consent }: { readonly options: ApplyOptions; readonly consent: Consent },
): Promise<Carried> {
  const { say } = consent;
  if (isDryRun(options, consent)) {
    say('\nNothing was changed. Apply it in a terminal, or with --yes.\n');
    return { state: 'dry_run', id: null };
  }
  return withRecords(async (records, fault) => {
    if (!records) say(`\nWarning: this change will not be in the history, and can’t be undone by sipwhy: ${fault}\n`);
    if (!(await consent.ask('\nApply this change to LiveKit?'))) {
      say('Nothing was changed.\n');
      return { state: 'declined', id: null };
    }
    const record: AppliedChange = {
      ...reason,
      id: randomUUID(),
      at: Date.now(),
      by: nameOf(options),
      ...(options.why !== undefined && { why: options.why }),
      edits: plan.edits.map(keptEdit),
    };
    // Recorded before it is made, so that a change is never there without its record.
    const amended = await amend(access, plan, async () => records?.add(record));
    if (amended.state === 'moved') {
      say(movedText(amended.moved));
      return { state: 'refused', id: null };
    }
    if (amended.made.length > 0) await records?.setEdits(record.id, amended.made);
    else await records?.drop(record.id);
    say(amendedText(amended));
    const id = records && amended.made.length > 0 ? record.id : null;
    if (id !== null) say(`Recorded as ${id}. To take it back: sipwhy fix --undo ${id}\n`);
    return { state: amended.state === 'made' ? 'applied' : 'failed', id, amended };
  });
}

/** Who changes something, for the history. */
export function nameOf({ by }: Pick<ApplyOptions, 'by'>): string {
  return by ?? (process.env.USER || process.env.USERNAME || 'unknown');
}

export function movedText(moved: readonly string[]): string {
  const lines = moved.map((words) => `  - ${words}`).join('\n');
  return `Nothing was changed, because LiveKit’s configuration is no longer the one that was shown:\n${lines}\nRun the command again.\n`;
}

/** What was made, what went wrong, and what somebody else changed at the same time. */
export function amendedText({
  fault,
  made,
  along,
  odd,
  meanwhile,
}: Extract<Amended, { state: 'made' | 'failed' }>): string {
  const list = (title: string, words: readonly string[]) =>
    words.length === 0 ? [] : [title, ...words.map((word) => `  - ${word}`)];
  const isPart = fault !== undefined && made.length > 0;
  return `${[
    ...(fault === undefined ? ['LiveKit has the change.'] : [`${fault}.`]),
    ...(fault !== undefined && made.length === 0 ? ['Nothing was changed.'] : []),
    ...(isPart ? ['This was changed:', ...differenceLines(made)] : []),
    ...list('LiveKit changed with it:', along),
    ...list('Not as intended:', odd),
    ...list('Somebody else changed meanwhile:', meanwhile),
  ].join('\n')}\n`;
}

/** Opens the store for records. `work` gets why it can't be opened instead. */
async function withRecords<T>(
  work: (records: AppliedChanges | undefined, fault: string | undefined) => Promise<T>,
): Promise<T> {
  let isOpen = false;
  try {
    return await withStore((store) => {
      isOpen = true;
      return work(store.applied, undefined);
    });
  } catch (error) {
    if (isOpen || !(error instanceof WrongUse)) throw error;
    return work(undefined, error.message);
  }
}
