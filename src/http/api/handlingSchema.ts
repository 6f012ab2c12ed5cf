import { Type } from 'typebox';
import { NAME_CHARACTERS, NOTE_CHARACTERS, NOTES_KEPT, PUT_AWAY_KEPT } from '../../core/incidents/foldByHand.ts';
import { LINES, ONE_LINE } from '../validation.ts';
import { nullable, text, time } from './apiSchema.ts';

const WHO = { by: nullable(text('Who did it; null if nobody said.')), at: time('When.') };

/** What people did about an incident. */
export const HANDLING = {
  acknowledged: nullable(Type.Object(WHO, { description: 'Who takes care of it.' })),
  muted: nullable(
    Type.Object(
      { ...WHO, until: time('No notifications until then.') },
      { description: 'null once until has passed.' },
    ),
  ),
  resolved: nullable(Type.Object(WHO, { description: 'Who closed it by hand.' })),
  notes: Type.Array(Type.Object({ ...WHO, text: Type.String() }), {
    description: `The oldest first, at most ${NOTES_KEPT}.`,
  }),
  put_away: Type.Array(Type.Object({ ...WHO, call_sid: Type.String() }), {
    description: `Calls that no longer count, the oldest first: the latest ${PUT_AWAY_KEPT}.`,
  }),
};

const Line = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, pattern: ONE_LINE, description });
const Who = { by: Type.Optional(Line(NAME_CHARACTERS, 'Who does it.')) };
const closed = { additionalProperties: false };

export const Acknowledge = Type.Object(
  {
    ...Who,
    acknowledged: Type.Optional(Type.Boolean({ default: true, description: 'false: nobody takes care of it.' })),
  },
  closed,
);

export const AddNote = Type.Object(
  {
    ...Who,
    text: Type.String({ minLength: 1, maxLength: NOTE_CHARACTERS, pattern: LINES, description: 'The note.' }),
  },
  closed,
);

export const MuteUntil = Type.Object(
  {
    ...Who,
    // A union would turn an empty text into null.
    until: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description:
        'A time with its zone, or how long from now: s, m, h, d or w, such as +90m. At most 90 days. null unmutes.',
      examples: ['+2h', '2026-11-24T06:00:00Z', null],
    }),
  },
  closed,
);

export const Resolve = Type.Object(Who, closed);

export const PutAway = Type.Object({ ...Who, call_sid: Line(255, 'call_sid of any leg of the call.') }, closed);
