import type { Ladder, LadderMessage } from '../api/types.ts';

/** A message of the ladder, with those that repeat it at once folded into it. */
export interface Step extends LadderMessage {
  readonly count: number;
  readonly lastAt: string;
  /** The call stopped after this one. */
  readonly isLast: boolean;
}

/** A caller who waits a minute is sixty ringings, which say no more than one and their number. */
export function foldMessages({ messages, stopped }: Ladder): Step[] {
  const steps: Step[] = [];
  for (const [i, message] of messages.entries()) {
    const before = steps.at(-1);
    const isLast = stopped?.after_message === i;
    if (before && isSame(before, message)) {
      steps[steps.length - 1] = { ...before, count: before.count + 1, lastAt: message.at, isLast };
    } else {
      steps.push({ ...message, count: 1, lastAt: message.at, isLast });
    }
  }
  return steps;
}

function isSame(a: Step, b: LadderMessage): boolean {
  return !a.isLast && a.from === b.from && a.to === b.to && a.label === b.label && a.kind === b.kind && a.leg === b.leg;
}
