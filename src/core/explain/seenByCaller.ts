import { AWAITED, type Awaited } from '../call/waits.ts';
import type { CallerExperience, FarEndRinging, Wait } from '../diagnose/callerExperience.ts';
import type { SlowWaits } from '../diagnose/facts/usualWaits.ts';
import type { Explanation } from './explanation.ts';

const NOT_KNOWN = { seconds: null, far_end_ringings: null, first_ringing_after_seconds: null };

/** The caller experience of an attempt as JSON, with its text, which also names slow waits. Keys are public. */
export function seenByCaller(experience: CallerExperience, slow: SlowWaits = {}): Explanation['seen_by_caller'] {
  const json = experienceJson(experience);
  return { ...json, text: [json.text, ...slowWords(slow)].join(' ') };
}

const SLOW_WORDS = { ringing: 'Slow to ring', answer: 'Slow to be answered' } as const satisfies Record<
  Awaited,
  string
>;

function slowWords(slow: SlowWaits): string[] {
  return AWAITED.flatMap((until) => {
    const wait = slow[until];
    if (!wait) return [];
    const { seconds, usualSeconds } = wait;
    return `${SLOW_WORDS[until]}: after ${seconds.toFixed(1)} s, usually ${usualSeconds.toFixed(1)} s on this trunk.`;
  });
}

function experienceJson(experience: CallerExperience): Explanation['seen_by_caller'] {
  switch (experience.kind) {
    case 'none':
      return { kind: 'none', ...NOT_KNOWN, text: 'There was no caller: Jambonz placed this call itself.' };
    case 'unknown':
      return {
        kind: 'unknown',
        ...NOT_KNOWN,
        text: `The caller experience is unknown: ${MISSING_WORDS[experience.missing]}.`,
      };
    default: {
      const { kind, seconds, precise, isAnswered, farEnd, afterwards } = experience;
      const about = precise ? '' : 'about ';
      const text = `For ${about}${seconds.toFixed(1)} s, until this attempt ${isAnswered ? 'was answered' : 'ended'}, ${WAIT_WORDS[kind]}.`;
      return {
        kind,
        seconds,
        far_end_ringings: farEnd?.ringings ?? null,
        first_ringing_after_seconds: farEnd?.firstAfterSeconds ?? null,
        text: [
          text,
          ...(farEnd ? [farEndWords(farEnd)] : []),
          ...(afterwards ? [afterwardsWords(afterwards)] : []),
        ].join(' '),
      };
    }
  }
}

function afterwardsWords({ seconds }: NonNullable<Extract<CallerExperience, { kind: Wait }>['afterwards']>): string {
  const how =
    seconds === undefined
      ? 'Their leg was then still unanswered'
      : `Their leg then stayed unanswered for ${seconds.toFixed(1)} s more`;
  return `${how}. The dial hook’s answer can end such a leg with the verb sip:decline; hangup does nothing.`;
}

const MISSING_WORDS = {
  caller_leg: 'no webhook reported the caller’s leg',
  beginning_or_end: 'no webhook reported when this attempt began or ended',
  not_recorded: 'an older version did not record it',
};

const WAIT_WORDS: Record<Wait, string> = {
  silence_or_ring_back:
    'the caller heard silence or whatever the application played: their leg was already answered, and the webhooks don’t say which',
  ringing: 'the caller heard ringing or early media, as signalled on their leg',
  waiting: 'the caller waited, and no ringing was reported on their leg',
};

function farEndWords({ ringings, firstAfterSeconds = 0 }: FarEndRinging): string {
  if (ringings === undefined) return 'How often the far end signalled ringing is unknown.';
  if (ringings === 0) return 'The far end signalled no ringing.';
  return `The far end signalled ringing ${ringings === 1 ? 'once' : `${ringings} times`}, first after ${firstAfterSeconds.toFixed(1)} s.`;
}
