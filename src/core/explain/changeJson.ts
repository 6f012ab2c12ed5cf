import type { RecordedChange } from '../diagnose/record.ts';
import type { Explanation } from './explanation.ts';

/** The change of LiveKit's configuration that a failure followed, as JSON. Keys are public. */
export function changeJson(change: RecordedChange) {
  const { wasBetter, verdictBefore } = change;
  return {
    ...describe(change),
    text: [sentence(change), ...(wasBetter ? [BEFORE[verdictBefore]] : [])].join(' '),
  };
}

/** The change before an incident, described for all its calls, not only for the first one. */
export function changeOfIncident(change: RecordedChange) {
  const { texts, secondsBefore, firstFailureSecondsAfter, wasBetter } = change;
  const seconds = firstFailureSecondsAfter ?? secondsBefore;
  const when =
    seconds === 0
      ? 'at about the time that'
      : seconds < 180
        ? `${seconds} s after`
        : `${Math.round(seconds / 60)} min after`;
  const before = wasBetter ? ' Under the configuration before that, these calls would have got further.' : '';
  return { ...describe(change), text: `Calls began to fail ${when} ${texts.join('; ')}.${before}` };
}

/** The change as evidence for the cause that rests on it. */
export function changeEvidence({ cause, texts, secondsBefore }: RecordedChange): Explanation['evidence'][number] {
  const when = secondsBefore > 0 ? `${secondsBefore} s before this call` : 'at about the time of this call';
  return { cause, name: 'change', value: `${texts.join('; ')}, ${when}`, source: 'match' };
}

function describe(change: RecordedChange) {
  const { at, secondsBefore, cause, texts, trunk, wasBetter, firstFailureSecondsAfter: first } = change;
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
  };
}

const BEFORE: Record<RecordedChange['verdictBefore'], string> = {
  admitted: 'Under the configuration before that, LiveKit’s matching admits this call.',
  unknown: 'Under the configuration before that, nothing known blocks this call.',
  refused: '',
};

function sentence({ texts, secondsBefore, firstFailureSecondsAfter: first }: RecordedChange): string {
  const what = texts.join('; ');
  if (first === undefined)
    return `${what}, ${secondsBefore > 0 ? `${secondsBefore} s before` : 'at about the time of'} this call.`;
  const began = first > 0 ? `${first} s after` : 'at about the time that';
  const thisCall = secondsBefore === first ? '' : `; this call came ${secondsBefore} s after the change`;
  return `The first failure came ${began} ${what}${thisCall}.`;
}
