import type { NamedChange } from '../diagnose/change.ts';

/** The change of LiveKit's configuration that a failure followed, as JSON. Keys are public. */
export function changeJson(change: NamedChange) {
  const { at, secondsBefore, cause, texts, trunk, wasBetter, verdictBefore, firstFailureSecondsAfter: first } = change;
  return {
    /** Of the first reading of LiveKit's configuration that had it. */
    at: new Date(at).toISOString(),
    seconds_before: secondsBefore,
    ...(first !== undefined && { first_failure_seconds_after: first }),
    /** The first of the call’s causes that it concerns. */
    cause,
    ...(trunk !== undefined && { trunk }),
    changes: texts,
    /** Whether the call would have come further by the configuration before. */
    broke_the_call: wasBetter,
    text: [sentence(change), ...(wasBetter ? [BEFORE[verdictBefore]] : [])].join(' '),
  };
}

/** The change that the calls of an incident followed: told of all of them, not of the first alone. */
export function changeOfIncident(change: ReturnType<typeof changeJson>) {
  const { changes, seconds_before, first_failure_seconds_after, broke_the_call } = change;
  const seconds = first_failure_seconds_after ?? seconds_before;
  const when =
    seconds === 0
      ? 'at about the time at which'
      : seconds < 180
        ? `${seconds} s after`
        : `${Math.round(seconds / 60)} min after`;
  const before = broke_the_call ? ' By the configuration before it, such a call would have come further.' : '';
  return { ...change, text: `Calls began to fail ${when} ${changes.join('; ')}.${before}` };
}

const BEFORE: Record<NamedChange['verdictBefore'], string> = {
  admitted: 'By the configuration before it, LiveKit’s matching admits this call.',
  unknown: 'By the configuration before it, nothing that is known keeps this call out.',
  refused: '',
};

function sentence({ texts, secondsBefore, firstFailureSecondsAfter: first }: NamedChange): string {
  const what = texts.join('; ');
  if (first === undefined)
    return `${what}, ${secondsBefore > 0 ? `${secondsBefore} s before` : 'at about the time of'} this call.`;
  const began = first > 0 ? `${first} s after` : 'at about the time at which';
  const thisCall = secondsBefore === first ? '' : `; this call came ${secondsBefore} s after it`;
  return `The first failure came ${began} ${what}${thisCall}.`;
}
