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
import { sendProblem } from '../problem.ts';

/** Types of parameters and bodies come from the schemas that check them. */
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
    type: Type.String({ description: 'urn:sipwhy:problem: and a short, stable code.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: text('What is wrong, and what to do.'),
    errors: Type.Optional(
      Type.Array(Type.Object({ field: Type.String(), detail: Type.String() }), { description: 'Fault by fault.' }),
    ),
  },
  { description: 'Problem details (RFC 9457).' },
);

/** Responses that are problems, by status. */
export function problems<const Codes extends readonly number[]>(...codes: Codes) {
  const response = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: Problem } },
  });
  return Object.fromEntries(codes.map((code) => [code, response(PROBLEM_WORDS[code] ?? 'A problem.')]));
}

const PROBLEM_WORDS: Record<number, string> = {
  400: 'A parameter or the body is not as it must be; each fault is named.',
  401: 'The token is missing or wrong.',
  404: 'There is no such thing.',
  503: 'It cannot be answered now; Retry-After says when to ask again, where that is known.',
};

/** A response in JSON, and in other types where the request asks for them. */
export function answer(schema: TSchema, others: Readonly<Record<string, string>> = {}) {
  const { description = 'The answer.' } = schema as { readonly description?: string };
  const texts = Object.entries(others).map(([type, words]) => [type, { schema: text(words) }]);
  return { description, content: { 'application/json': { schema }, ...Object.fromEntries(texts) } };
}

export const Limit = Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'How many at most.' });
export const Cursor = Type.String({ minLength: 1, description: 'next_cursor of the page before.' });
export const NextCursor = nullable(text('The cursor of the next page; null on the last one.'));
export const Numbers = (fallback: string) =>
  Type.Enum(['masked', 'plain'], {
    description: `Whether telephone numbers are shown, or only their country code and last two digits. ${fallback}`,
  });

/** Makes lists of parameters: `cause=a,b` and `cause=a&cause=b` are the same. */
export function splitLists(request: FastifyRequest, names: readonly string[]): void {
  // The cast is what Fastify's parser of query strings gives.
  const query = request.query as Record<string, string | string[]>;
  for (const name of names) {
    const value = query[name];
    if (value !== undefined)
      query[name] = [value].flat().flatMap((part) => part.split(',').map((entry) => entry.trim()));
  }
}

export function unknownCursor(reply: FastifyReply): FastifyReply {
  const detail = 'cursor must be one that an earlier answer gave, unchanged';
  return sendProblem(reply, 400, 'invalid', detail, [{ field: 'cursor', detail }]);
}
