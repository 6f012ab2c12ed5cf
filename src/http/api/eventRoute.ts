import type { ServerResponse } from 'node:http';
import { type Static, Type } from 'typebox';
import { sendProblem } from '../problem.ts';
import { type ApiServer, answer, problems, text, unknownCursor } from './apiSchema.ts';
import { ListedCall } from './callSchema.ts';
import { Incident } from './incidentSchema.ts';
import { sendLong } from './longAnswer.ts';
import { EventStreams } from './streams.ts';

/** An event as sent; `id` is a cursor to resume from. */
export interface SentEvent {
  readonly id: string;
  readonly event: 'call' | 'incident';
  readonly data: object;
}

export interface EventRoutes {
  isCursor(text: string): boolean;
  /** Events after a cursor, or from now on without one. `undefined` for an invalid cursor. */
  eventsAfter(cursor: string | undefined): Promise<
    | {
        readonly events: readonly SentEvent[];
        readonly cursor: string;
        /** Whether more events follow than are returned at once. */
        readonly hasMore: boolean;
      }
    | undefined
  >;
  /** Passes events to `listener` until the returned function is called. */
  listen(listener: (event: SentEvent) => void): () => void;
}

const EventsQuery = Type.Object(
  {
    cursor: Type.Optional(
      Type.String({ minLength: 1, description: 'id of the last event received. Overrides Last-Event-ID.' }),
    ),
    poll: Type.Optional(
      Type.Literal('1', { description: 'Returns the events so far as JSON, for clients that can’t stream.' }),
    ),
  },
  { additionalProperties: false },
);

const Polled = Type.Object(
  {
    events: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          event: Type.Enum(['call', 'incident']),
          data: Type.Union([ListedCall, Incident]),
        },
        { title: 'Event', description: 'A call or an incident that is new or has changed.' },
      ),
    ),
    cursor: text('Cursor for the next request.'),
  },
  { title: 'EventList', description: 'Events. The same event may be sent again, with the same id.' },
);

/** Explained attempts and changed incidents as they happen: streamed as server-sent events, or polled. */
export function eventRoutes(app: ApiServer, routes: EventRoutes, onFull: () => void): void {
  const streams = new EventStreams();
  app.addHook('preClose', async () => streams.close());
  app.get<{ Querystring: Static<typeof EventsQuery> }>(
    '/events',
    {
      // A stream never ends, so a HEAD couldn't be answered.
      exposeHeadRoute: false,
      schema: {
        operationId: 'listenToEvents',
        summary: 'Stream events',
        description: 'Server-sent events, or with poll=1 the events so far as JSON.',
        tags: ['events'],
        querystring: EventsQuery,
        response: {
          200: answer(Polled, {
            'text/event-stream':
              'event: call (an attempt), incident, or gap (too many events were missed to resend them: reload the lists). ' +
              'id: a cursor; Last-Event-ID resumes from it. A comment is sent every 15 s.',
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
        if (!polled) return unknownCursor(reply);
        return sendLong(reply, { events: polled.events, cursor: polled.cursor });
      }
      if (streams.isFull) {
        onFull();
        reply.header('retry-after', '30');
        return sendProblem(
          reply,
          503,
          'too_many_listeners',
          'Too many clients are streaming. Retry later, or poll with poll=1.',
        );
      }
      reply.hijack();
      const response: ServerResponse = reply.raw;
      response.writeHead(200, {
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'content-type': 'text/event-stream; charset=utf-8',
        // Nothing follows the stream, and an open connection would delay the stop of the service.
        connection: 'close',
        'cache-control': 'no-store',
        // Without it, nginx buffers events.
        'x-accel-buffering': 'no',
      });
      streams.add(response, routes, cursor).catch((error: unknown) => {
        request.log.error(error, 'cannot read the events that a client missed; it is disconnected and will reconnect');
        response.destroy();
      });
      return reply;
    },
  );
}
