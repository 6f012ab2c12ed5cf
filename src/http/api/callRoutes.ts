import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { storedText } from '../../core/call/storedText.ts';
import { OUTCOMES } from '../../core/diagnose/diagnosis.ts';
import { type DescribedAttempt, summariseAttempt } from '../../core/explain/attemptSummary.ts';
import { maskInSteps, maskListInSteps } from '../../core/explain/mask.ts';
import { callsCsv } from '../../core/explain/ticket/callsCsv.ts';
import { callMarkdown } from '../../core/explain/ticket/ticketMarkdown.ts';
import type { CallWithEffects } from '../../core/explain/withEffects.ts';
import { inSlices, pause } from '../../loop/slices.ts';
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
  unknownCursor,
} from './apiSchema.ts';
import { CALL_FILTERS, CALL_LISTS, Digits, list } from './callFilters.ts';
import { Call, CallList } from './callSchema.ts';
import { sendLong } from './longAnswer.ts';
import { QueryTime, readTimes } from './queryTimes.ts';

/** One page of attempts and the cursor of the next page. */
interface CallPage {
  readonly calls: readonly DescribedAttempt[];
  readonly next_cursor: string | null;
  readonly searched_back_to: string | null;
}

/** The filters for calls. A call matches a list if it matches one of its values. Times are absolute. */
export type CallQuery = Omit<Static<typeof CallsQuery>, 'fields' | 'format' | 'numbers'>;

export interface CallRoutes {
  /** Epoch milliseconds. */
  now(): number;
  /** `undefined` for an invalid cursor. */
  findCalls(query: CallQuery): Promise<CallPage | undefined>;
  /** One call with its timeline and explanations; `undefined` for an unknown call_sid. */
  describeCall(callSid: string): Promise<CallWithEffects | undefined>;
}

const CallsQuery = Type.Object(
  {
    ...CALL_FILTERS,
    outcome: list(OUTCOMES, 'Outcome of the attempt.'),
    from: Digits('the caller number'),
    to: Digits('the called number'),
    since: Type.Optional(QueryTime('Only attempts settled at this time or later.')),
    until: Type.Optional(QueryTime('Only attempts settled before this time.')),
    incident: Type.Optional(Type.String({ minLength: 1, description: 'Incident id.' })),
    limit: Limit,
    cursor: Type.Optional(Cursor),
    fields: Type.Optional(
      oneOf(['all', 'summary'], 'summary: without evidence, fixes and unknowns (JSON only). Default: all.'),
    ),
    format: Type.Optional(oneOf(['json', 'csv'], 'Overrides the Accept header.')),
    numbers: Type.Optional(Numbers('Default: plain in JSON, masked in CSV.')),
  },
  { additionalProperties: false, style: 'form', explode: false },
);
const LISTS = [...CALL_LISTS, 'outcome'];

const CallFormat = Type.Object(
  {
    format: Type.Optional(oneOf(['json', 'markdown', 'csv'], 'Overrides the Accept header.')),
    numbers: Type.Optional(Numbers('Default: plain in JSON, masked in Markdown and CSV.')),
  },
  { additionalProperties: false },
);

const TYPES = { json: 'application/json', csv: 'text/csv', markdown: 'text/markdown' } as const;

/** Lists attempts by filters, and describes one call. */
export function callRoutes(app: ApiServer, routes: CallRoutes): void {
  app.get(
    '/calls',
    {
      schema: {
        operationId: 'listCalls',
        summary: 'List call attempts, the latest settled first',
        description:
          'Every filter must match. A list matches if one of its values does. Also as CSV, by the Accept header or format=csv.',
        tags: ['calls'],
        querystring: CallsQuery,
        response: {
          200: answer(CallList, { 'text/csv': 'The same as a table. The Link header has the next page.' }),
          ...problems(400, 401, 503),
        },
      },
      preValidation: async (request, reply) => {
        splitLists(request, LISTS);
        await readTimes(request, reply, ['since', 'until'], routes.now());
      },
    },
    async (request, reply) => {
      const { format = formatOf(request, ['csv']), numbers, fields, ...query } = request.query;
      const page = await routes.findCalls(query);
      if (!page) return unknownCursor(reply);
      const isPlain = (numbers ?? (format === 'json' ? 'plain' : 'masked')) === 'plain';
      const calls = isPlain ? page.calls : await inSlices(maskListInSteps(page.calls));
      if (format === 'json') {
        return sendLong(reply, { ...page, calls: fields === 'summary' ? calls.map(summariseAttempt) : calls });
      }
      if (page.next_cursor !== null) reply.header('link', nextLink(request, page.next_cursor));
      return reply.type('text/csv; charset=utf-8').send(callsCsv(calls));
    },
  );
  app.get(
    '/calls/:callSid',
    {
      schema: {
        operationId: 'getCall',
        summary: 'Get a call by the call_sid of any of its legs',
        description: 'Readable as soon as its first webhook is acknowledged. Also as Markdown for a ticket, or as CSV.',
        tags: ['calls'],
        params: Type.Object({
          callSid: Type.String({
            description: 'call_sid of any leg of the call.',
            examples: ['d2a4c7b1-0c1b-4b58-8f0d-5f5a1d2e0b02'],
          }),
        }),
        querystring: CallFormat,
        response: {
          200: answer(Call, { 'text/markdown': 'Text for a ticket.', 'text/csv': 'The call’s attempts as a table.' }),
          ...problems(400, 401, 404, 503),
        },
      },
    },
    async (request, reply) => {
      const call = await routes.describeCall(storedText(request.params.callSid));
      if (!call) {
        return sendProblem(
          reply,
          404,
          'unknown_call',
          'No webhook for this call_sid was received. Check the call_sid and the Jambonz status hook.',
        );
      }
      const { format = formatOf(request, ['markdown', 'csv']), numbers } = request.query;
      const isPlain = (numbers ?? (format === 'json' ? 'plain' : 'masked')) === 'plain';
      const shown = isPlain ? call : await inSlices(maskInSteps(call));
      if (format === 'json') return sendLong(reply, shown);
      await pause();
      reply.type(`${TYPES[format]}; charset=utf-8`);
      return reply.send(format === 'csv' ? callsCsv(shown.attempts) : callMarkdown(shown));
    },
  );
}

/** The format that the Accept header asks for; JSON if it asks for none of them. */
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
