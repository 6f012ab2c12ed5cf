import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { OUTCOMES } from '../../core/diagnose/diagnosis.ts';
import { type DescribedAttempt, summariseAttempt } from '../../core/explain/attemptSummary.ts';
import { CauseId, Party } from '../../core/explain/explanationSchema.ts';
import { maskJson } from '../../core/explain/mask.ts';
import { callsCsv } from '../../core/explain/ticket/callsCsv.ts';
import { callMarkdown } from '../../core/explain/ticket/ticketMarkdown.ts';
import type { CallWithEffects } from '../../core/explain/withEffects.ts';
import { preferredType } from '../operations.ts';
import { sendProblem } from '../problem.ts';
import {
  type ApiServer,
  answer,
  Cursor,
  Limit,
  Numbers,
  oneOf,
  problems,
  splitLists,
  text,
  time,
  unknownCursor,
} from './apiSchema.ts';
import { Call, CallList } from './callSchema.ts';

/** One page of attempts and the cursor of the next. */
export interface CallPage {
  readonly calls: readonly DescribedAttempt[];
  readonly next_cursor: string | null;
}

/** What is asked of calls; lists hold what any of is enough. */
export type CallQuery = Omit<Static<typeof CallsQuery>, 'fields' | 'format' | 'numbers'>;

export interface CallRoutes {
  /** `undefined` for a cursor that is none. */
  findCalls(query: CallQuery): Promise<CallPage | undefined>;
  /** One call with its timeline and explanations; `undefined` for an unknown call_sid. */
  describeCall(callSid: string): Promise<CallWithEffects | undefined>;
}

const list = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Optional(Type.Array(oneOf(values, description), { minItems: 1, description: `${description} Several: a,b.` }));
const Digits = (whose: string) =>
  Type.Optional(
    Type.String({ pattern: '\\d', description: `Digits in a row in ${whose}; everything else in it is passed over.` }),
  );

const CallsQuery = Type.Object(
  {
    cause: Type.Optional(Type.Array(CauseId, { minItems: 1 })),
    party: Type.Optional(Type.Array(Party, { minItems: 1 })),
    trunk: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
    outcome: list(OUTCOMES, 'What became of it.'),
    status: Type.Optional(
      Type.Array(Type.Integer({ minimum: 100, maximum: 699 }), { minItems: 1, description: 'Of the final response.' }),
    ),
    from: Digits('the caller'),
    to: Digits('the called number'),
    number: Digits('either'),
    since: Type.Optional(time('Settled at this time or later.')),
    until: Type.Optional(time('Settled before this time.')),
    incident: Type.Optional(Type.String({ minLength: 1, description: 'Id of an incident.' })),
    limit: Limit,
    cursor: Type.Optional(Cursor),
    fields: Type.Optional(
      oneOf(
        ['all', 'summary'],
        'summary: without evidence, fixes and what remains open, in JSON. all where not given.',
      ),
    ),
    format: Type.Optional(oneOf(['json', 'csv'], 'In place of the Accept header.')),
    numbers: Type.Optional(Numbers('JSON: plain, CSV: masked where it is not given.')),
  },
  { additionalProperties: false, style: 'form', explode: false },
);
const LISTS = ['cause', 'party', 'trunk', 'outcome', 'status'];

const CallFormat = Type.Object(
  {
    format: Type.Optional(oneOf(['json', 'markdown', 'csv'], 'In place of the Accept header.')),
    numbers: Type.Optional(Numbers('JSON: plain, Markdown and CSV: masked where it is not given.')),
  },
  { additionalProperties: false },
);

const TYPES = { json: 'application/json', csv: 'text/csv', markdown: 'text/markdown' } as const;

/** Attempts by filters, and one call with all that is known of it. */
export function callRoutes(app: ApiServer, routes: CallRoutes): void {
  app.get(
    '/calls',
    {
      schema: {
        operationId: 'listCalls',
        summary: 'Attempts, the latest settled first',
        tags: ['calls'],
        querystring: CallsQuery,
        response: {
          200: answer(CallList, { 'text/csv': 'The same as a table; the Link header leads to the next page.' }),
          ...problems(400, 401, 503),
        },
      },
      preValidation: async (request) => splitLists(request, LISTS),
    },
    async (request, reply) => {
      const { format = formatOf(request, ['csv']), numbers, fields, ...query } = request.query;
      const page = await routes.findCalls(query);
      if (!page) return unknownCursor(reply);
      const shown = (numbers ?? (format === 'json' ? 'plain' : 'masked')) === 'plain' ? page : maskJson(page);
      if (format === 'json')
        return fields === 'summary' ? { ...shown, calls: shown.calls.map(summariseAttempt) } : shown;
      if (page.next_cursor !== null) reply.header('link', nextLink(request, page.next_cursor));
      return reply.type('text/csv; charset=utf-8').send(callsCsv(shown.calls));
    },
  );
  app.get(
    '/calls/:callSid',
    {
      schema: {
        operationId: 'getCall',
        summary: 'One call by the call_sid of any of its legs',
        tags: ['calls'],
        params: Type.Object({ callSid: text('call_sid of any leg.') }),
        querystring: CallFormat,
        response: {
          200: answer(Call, { 'text/markdown': 'For a ticket.', 'text/csv': 'Its attempts as a table.' }),
          ...problems(400, 401, 404, 503),
        },
      },
    },
    async (request, reply) => {
      const call = await routes.describeCall(request.params.callSid);
      if (!call) {
        return sendProblem(reply, 404, 'unknown_call', 'No webhook of a leg with this call_sid was received.');
      }
      const { format = formatOf(request, ['markdown', 'csv']), numbers } = request.query;
      const shown = (numbers ?? (format === 'json' ? 'plain' : 'masked')) === 'plain' ? call : maskJson(call);
      if (format === 'json') return shown;
      reply.type(`${TYPES[format]}; charset=utf-8`);
      return reply.send(format === 'csv' ? callsCsv(shown.attempts) : callMarkdown(shown));
    },
  );
}

/** The format that the Accept header asks for; JSON where it asks for none of them. */
function formatOf<const F extends keyof typeof TYPES>(request: FastifyRequest, formats: readonly F[]): F | 'json' {
  const all = ['json' as const, ...formats];
  const type = preferredType(
    request,
    all.map((format) => TYPES[format]),
  );
  return all.find((format) => TYPES[format] === type) ?? 'json';
}

function nextLink(request: FastifyRequest, cursor: string): string {
  const url = new URL(request.url, 'http://sipwhy');
  url.searchParams.set('cursor', cursor);
  return `<${url.pathname}${url.search}>; rel="next"`;
}
