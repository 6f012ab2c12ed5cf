import type { ServerResponse } from 'node:http';
import { type Static, Type } from 'typebox';
import { sendProblem } from '../problem.ts';
import { type ApiServer, answer, problems, text, unknownCursor } from './apiSchema.ts';
import { ListedCall } from './callSchema.ts';
import { Incident } from './incidentSchema.ts';
import { EventStreams } from './streams.ts';

/** Something that happened, as it goes out; `id` is a cursor to go on from. */
export interface SentEvent {
  readonly id: string;
  readonly event: 'call' | 'incident';
  readonly data: object;
}

export interface EventRoutes {
  isCursor(text: string): boolean;
  /** What happened after a cursor; from now on where there is none. `undefined` for a cursor that is none. */
  eventsAfter(cursor: string | undefined): Promise<
    | {
        readonly events: readonly SentEvent[];
        readonly cursor: string;
        /** Whether there is more than is given at once. */
        readonly hasMore: boolean;
      }
    | undefined
  >;
  /** Tells of what happens until the function that it returns is called. */
  listen(listener: (event: SentEvent) => void): () => void;
}

const EventsQuery = Type.Object(
  {
    cursor: Type.Optional(
      Type.String({ minLength: 1, description: 'id of the last event; in place of Last-Event-ID.' }),
    ),
    poll: Type.Optional(
      Type.Literal('1', { description: 'Answers what there is as JSON, where streaming is not possible.' }),
    ),
  },
  { additionalProperties: false },
);

const Polled = Type.Object(
  {
    events: Type.Array(
      Type.Object({
        id: Type.String(),
        event: Type.Enum(['call', 'incident']),
        data: Type.Union([ListedCall, Incident]),
      }),
    ),
    cursor: text('To ask with the next time.'),
  },
  { description: 'What happened. An event may come again; then it has the same id.' },
);

/** Attempts that are explained and incidents that change, as they do: server-sent events, or polled. */
export function eventRoutes(app: ApiServer, routes: EventRoutes): void {
  const streams = new EventStreams();
  app.addHook('preClose', async () => streams.close());
  app.get<{ Querystring: Static<typeof EventsQuery> }>(
    '/events',
    {
      // A stream has no end at which a HEAD could be answered.
      exposeHeadRoute: false,
      schema: {
        operationId: 'listenToEvents',
        summary: 'What happens, as it does',
        tags: ['events'],
        querystring: EventsQuery,
        response: {
          200: answer(Polled, {
            'text/event-stream':
              'event: call (an attempt), incident, or gap (more was missed than is told again: read the lists anew). ' +
              'id: is a cursor; Last-Event-ID resumes from it. A comment comes every 15 s.',
          }),
          ...problems(400, 401, 503),
        },
      },
    },
    async (request, reply) => {
      const lastId = request.headers['last-event-id'];
      const cursor = request.query.cursor ?? (typeof lastId === 'string' && lastId !== '' ? lastId : undefined);
      if (cursor !== undefined && !routes.isCursor(cursor)) return unknownCursor(reply);
      if (request.query.poll) {
        const polled = await routes.eventsAfter(cursor);
        return polled ? { events: polled.events, cursor: polled.cursor } : unknownCursor(reply);
      }
      if (streams.isFull) {
        reply.header('retry-after', '30');
        return sendProblem(reply, 503, 'too_many_listeners', 'Too many listen already; ask with poll=1 instead.');
      }
      reply.hijack();
      const response: ServerResponse = reply.raw;
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        // Nothing comes after the stream, and a connection that stays open would hold the service up when it stops.
        connection: 'close',
        'cache-control': 'no-store',
        // Or nginx keeps events back.
        'x-accel-buffering': 'no',
      });
      streams.add(response, routes, cursor).catch((error: unknown) => {
        request.log.error(error, 'what a listener missed could not be read; it comes again by itself');
        response.destroy();
      });
      return reply;
    },
  );
}
