import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { JAMBONZ_PROTOCOL } from '../core/receive/jambonzFrame.ts';
import { pause } from '../loop/slices.ts';
import { deliveredBy, RETRY_AFTER_SECONDS, refusalOf, sendRefusal } from './jambonzDelivery.ts';
import { sendProblem } from './problem.ts';
import { type StatusSocketIntake, StatusSockets } from './statusSockets.ts';

export const SOCKET_PATH = '/jambonz/ws';

/** Larger than any frame seen. */
const FRAME_LIMIT_BYTES = 256 * 1024;
/** How long, in milliseconds, the peer may take to close a socket when the service stops. */
const CLOSING_MS = 2_000;

/** Jambonz's status over a WebSocket. */
export async function jambonzSocketRoutes(app: FastifyInstance, intake: StatusSocketIntake): Promise<void> {
  const sockets = new StatusSockets(intake);
  await app.register(websocket, {
    options: {
      maxPayload: FRAME_LIMIT_BYTES,
      handleProtocols: () => JAMBONZ_PROTOCOL,
      // Hundreds of frames fit into one packet. Other requests get their turn between them.
      allowSynchronousEvents: false,
    },
    // StatusSockets handles and counts errors of a socket.
    errorHandler: () => {},
    preClose: (done) => {
      sockets.close(CLOSING_MS);
      app.websocketServer.close(() => done());
    },
  });

  const check = async (request: FastifyRequest, reply: FastifyReply) => {
    if (!request.ws) {
      reply.header('upgrade', 'websocket');
      return sendProblem(
        reply,
        426,
        'upgrade_required',
        'This address accepts only WebSockets. Use a ws:// or wss:// URL.',
      );
    }
    await pause();
    const refused = refusalOf(intake, request, deliveredBy(request, intake.now()));
    if (refused) {
      intake.onWebhook('call_status', refused.outcome);
      return sendRefusal(reply, refused);
    }
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (!offered.includes(JAMBONZ_PROTOCOL)) {
      intake.onWebhook('other', 'wrong_protocol');
      return sendProblem(reply, 400, 'wrong_protocol', `The WebSocket sub-protocol must be ${JAMBONZ_PROTOCOL}.`);
    }
    if (!sockets.isFull) return;
    intake.onFull();
    reply.header('retry-after', RETRY_AFTER_SECONDS);
    return sendProblem(reply, 503, 'too_many_sockets', 'Too many WebSockets are open. Retry later.');
  };
  app.route({
    method: 'GET',
    url: SOCKET_PATH,
    preValidation: check,
    // The check has answered every request that isn't a WebSocket.
    handler: (_request, reply) => reply,
    wsHandler: (socket, request) => sockets.take(socket, request),
  });
}
