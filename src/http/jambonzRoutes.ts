import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JambonzHook } from '../core/receive/jambonzWebhook.ts';
import { type Delivered, deliveredBy, type JambonzIntake, refusalOf, sendRefusal, write } from './jambonzDelivery.ts';
import { takeRawBodies } from './rawBodies.ts';

/** The answer to a dial hook: what Jambonz does next. */
interface DialAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly body: Buffer;
}

export interface JambonzRoutes extends JambonzIntake {
  /** Asks the operator's application for verbs. Never rejects; `undefined` if no application is set. */
  readonly askForVerbs: ((delivered: Delivered) => Promise<DialAnswer>) | undefined;
  /** Called with the time from a webhook's arrival to its answer. */
  onAnswered(hook: JambonzHook, seconds: number): void;
  /** Called for each dial hook that was answered before it was on disk. */
  onAnsweredEarly(): void;
}

/** How long, in milliseconds, the answer to a dial hook waits for the journal: a caller is waiting for it. */
const JOURNAL_GRACE_MS = 4;

/** Jambonz's webhooks. Register it encapsulated, because it replaces the body parsers. */
export async function jambonzRoutes(app: FastifyInstance, routes: JambonzRoutes): Promise<void> {
  takeRawBodies(app, (request) => routes.onWebhook(hookOf(request), 'too_large'));
  app.addHook('onResponse', (request, reply, done) => {
    routes.onAnswered(hookOf(request), reply.elapsedTime / 1000);
    done();
  });

  /** Answers the request itself if the webhook is refused. */
  const verified = (hook: JambonzHook, request: FastifyRequest, reply: FastifyReply): Delivered | undefined => {
    const delivered = deliveredBy(request, routes.now());
    const refused = refusalOf(routes, request, delivered);
    if (!refused) return delivered;
    routes.onWebhook(hook, refused.outcome);
    sendRefusal(reply, refused);
    return undefined;
  };

  app.route({
    method: ['POST', 'GET'],
    url: '/jambonz/call-status',
    // A HEAD request carries no event.
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const delivered = verified('call_status', request, reply);
      if (!delivered) return reply;
      const refused = await write(routes, 'call_status', delivered);
      return refused ? sendRefusal(reply, refused) : reply.code(204).send();
    },
  });

  const { askForVerbs } = routes;
  app.post('/jambonz/dial-action', async (request, reply) => {
    const delivered = verified('dial_action', request, reply);
    if (!delivered) return reply;
    // The application is asked before the event is written: the caller hears silence until it answers.
    const asked = askForVerbs?.(delivered);
    const writing = write(routes, 'dial_action', delivered);
    if (!asked) {
      const refused = await writing;
      return refused ? sendRefusal(reply, refused) : reply.send([]);
    }
    const { status, contentType, contentEncoding, body } = await asked;
    // The verbs are returned even if the event could not be written: that is counted, and the caller is waiting.
    if (!(await isDoneWithin(writing, JOURNAL_GRACE_MS))) routes.onAnsweredEarly();
    if (contentType !== undefined) reply.header('content-type', contentType);
    if (contentEncoding !== undefined) reply.header('content-encoding', contentEncoding);
    return reply.code(status).send(body.length > 0 ? body : undefined);
  });
}

async function isDoneWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  const isDone = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return isDone;
}

function hookOf(request: FastifyRequest): JambonzHook {
  return request.url.startsWith('/jambonz/dial-action') ? 'dial_action' : 'call_status';
}
