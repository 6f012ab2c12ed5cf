import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JambonzHook } from '../core/receive/jambonzWebhook.ts';
import {
  type Delivered,
  deliveredBy,
  type JambonzIntake,
  refusalOf,
  sendRefusal,
  writeDown,
} from './jambonzDelivery.ts';
import { takeRawBodies } from './rawBodies.ts';

/** What Jambonz is told to do next. */
export interface DialAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly body: Buffer;
}

export interface JambonzRoutes extends JambonzIntake {
  /** Asks the operator's application for verbs, and never rejects; `undefined` where there is none to ask. */
  readonly askForVerbs: ((delivered: Delivered) => Promise<DialAnswer>) | undefined;
  /** How long the answer to a webhook took. */
  onAnswered(hook: JambonzHook, seconds: number): void;
  /** Told of each dial hook that was answered before the journal was done with it. */
  onAnsweredEarly(): void;
}

/** How long, in milliseconds, an answer to a waiting caller waits for the journal in its turn. */
const JOURNAL_GRACE_MS = 4;

/** Jambonz's webhooks. Register it encapsulated: it takes over how bodies are parsed. */
export async function jambonzRoutes(app: FastifyInstance, routes: JambonzRoutes): Promise<void> {
  takeRawBodies(app, (request) => routes.onWebhook(hookOf(request), 'too_large'));
  app.addHook('onResponse', async (request, reply) => routes.onAnswered(hookOf(request), reply.elapsedTime / 1000));

  /** Answers by itself where the webhook is refused. */
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
    // Whoever asks with HEAD sends no event.
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const delivered = verified('call_status', request, reply);
      if (!delivered) return reply;
      const refused = await writeDown(routes, 'call_status', delivered);
      return refused ? sendRefusal(reply, refused) : reply.code(204).send();
    },
  });

  const { askForVerbs } = routes;
  app.post('/jambonz/dial-action', async (request, reply) => {
    const delivered = verified('dial_action', request, reply);
    if (!delivered) return reply;
    // The application is asked before the journal begins to write: the caller hears nothing until it has answered.
    const asked = askForVerbs?.(delivered);
    const writing = writeDown(routes, 'dial_action', delivered);
    if (!asked) {
      const refused = await writing;
      return refused ? sendRefusal(reply, refused) : reply.send([]);
    }
    const { status, contentType, contentEncoding, body } = await asked;
    // The verbs go back also where the event could not be written: that is counted, and a caller waits.
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
