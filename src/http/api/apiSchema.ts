import type { IncomingMessage, ServerResponse } from 'node:http';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifyTypeProvider,
  RawServerDefault,
} from 'fastify';
import { type Static, type TSchema, Type } from 'typebox';
import { count, nullable, oneOf, text, time } from '../../core/explain/explanationSchema.ts';
import { sendInvalid } from '../problem.ts';

/** Derives the types of parameters and bodies from their schemas. */
export interface ByTypeBox extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}
export type ApiServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ByTypeBox
>;

export { count, nullable, oneOf, text, time };

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'urn:sipwhy:problem: followed by a stable code.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: text('What is wrong and how to fix it.'),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), detail: Type.String() }), { description: 'Each wrong field.' }),
    ),
  },
  {
    title: 'Problem',
    description: 'Problem details (RFC 9457).',
    examples: [
      {
        type: 'urn:sipwhy:problem:invalid',
        title: 'invalid',
        status: 400,
        detail: 'limit must be >= 1, got 0',
        errors: [{ field: 'limit', detail: 'limit must be >= 1, got 0' }],
      },
    ],
  },
);

/** Problem responses by status; those of the doors before every route are always among them. */
export function problems(...codes: readonly number[]) {
  const response = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: Problem } },
  });
  return Object.fromEntries(
    [...codes, 403, 421, 429].map((code) => [code, response(PROBLEM_WORDS[code] ?? 'A problem.')]),
  );
}

const PROBLEM_WORDS: Record<number, string> = {
  400: 'A parameter or the body is invalid. errors lists the wrong fields.',
  401: 'The token is missing or wrong.',
  403: 'A page of another website sent the request.',
  404: 'Not found.',
  409: 'It makes no sense for the incident as it is now. detail says why.',
  415: 'The body isn’t JSON.',
  421: 'The Host header has a foreign name.',
  429: 'Too many requests or wrong tokens from this address. Retry after the time in Retry-After.',
  503: 'Temporarily unavailable. Retry after the time in Retry-After, if it is present.',
};

/** A JSON response, also available in `others`: media types with a description of each. */
export function answer(schema: TSchema, others: Readonly<Record<string, string>> = {}) {
  const { description = 'Success.' } = schema as { readonly description?: string };
  const texts = Object.entries(others).map(([type, words]) => [type, { schema: text(words) }]);
  return { description, content: { 'application/json': { schema }, ...Object.fromEntries(texts) } };
}

export const Limit = Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'Maximum number of results.' });
export const Cursor = Type.String({ minLength: 1, description: 'next_cursor of the previous page.' });
export const NextCursor = nullable(text('Cursor of the next page; null on the last page.'));
export const Numbers = (fallback: string) =>
  Type.Enum(['masked', 'plain'], {
    description: `plain: full telephone numbers. masked: only country code and last two digits. ${fallback}`,
  });

/** Splits list parameters: `cause=a,b` and `cause=a&cause=b` are the same. */
export function splitLists(request: FastifyRequest, names: readonly string[]): void {
  // The cast is safe: Fastify's query parser gives this type.
  const query = request.query as Record<string, string | string[]>;
  for (const name of names) {
    const value = query[name];
    if (value !== undefined)
      query[name] = [value].flat().flatMap((part) => part.split(',').map((entry) => entry.trim()));
  }
}

export function unknownCursor(reply: FastifyReply): FastifyReply {
  return sendInvalid(reply, [{ field: 'cursor', detail: 'cursor must be an unchanged next_cursor or event id' }]);
}
