import type { ChangeBefore } from './change.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Names the change in a diagnosis, with it as evidence. `firstFailureAt` and `startedAt` in epoch milliseconds. */
export function withChange(
  diagnosis: Diagnosis,
  change: ChangeBefore,
  startedAt: number,
  firstFailureAt: number | undefined,
): Diagnosis {
  const secondsBefore = secondsAfter(change, startedAt);
  const when = secondsBefore > 0 ? `${secondsBefore} s before this call` : 'at about the time of this call';
  return {
    ...diagnosis,
    change: {
      ...change,
      secondsBefore,
      firstFailureSecondsAfter: firstFailureAt === undefined ? undefined : secondsAfter(change, firstFailureAt),
    },
    evidence: [
      ...diagnosis.evidence,
      { cause: change.cause, name: 'change', value: `${change.texts.join('; ')}, ${when}`, source: 'match' },
    ],
  };
}

function secondsAfter({ at }: ChangeBefore, time: number): number {
  return Math.max(0, Math.round((time - at) / 1000));
}
