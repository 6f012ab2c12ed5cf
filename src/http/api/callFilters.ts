import { Type } from 'typebox';
import { CauseId, Party } from '../../core/explain/explanationSchema.ts';
import { oneOf } from './apiSchema.ts';

/** Any of some values. */
export const list = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Optional(
    Type.Array(oneOf(values, description), {
      minItems: 1,
      description: `${description} Separate several values by commas.`,
    }),
  );
export const Digits = (whose: string) =>
  Type.Optional(
    Type.String({
      pattern: '\\d',
      description: `Consecutive digits in ${whose}, or all of a hashed one. Other characters are ignored.`,
    }),
  );

/** The longest text to search for, in characters: a Call-ID may be long. */
const LONGEST_TEXT = 1_024;

/** The filters that calls, incidents and counts have in common. */
export const CALL_FILTERS = {
  cause: Type.Optional(Type.Array(CauseId, { minItems: 1 })),
  party: Type.Optional(Type.Array(Party, { minItems: 1 })),
  trunk: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
  status: Type.Optional(
    Type.Array(Type.Integer({ minimum: 100, maximum: 699 }), {
      minItems: 1,
      description: 'Status of the final SIP response.',
    }),
  ),
  number: Digits('the caller or the called number'),
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: LONGEST_TEXT,
      description:
        'call_sid of any leg, or its beginning of at least 8 characters; a SIP Call-ID; or at least 3 digits of a number.',
      examples: ['d2a4c7b1', '+49 1511 2345678'],
    }),
  ),
};
export const CALL_LISTS = ['cause', 'party', 'trunk', 'status'];
