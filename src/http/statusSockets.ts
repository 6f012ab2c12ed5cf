import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { type Frame, readFrame } from '../core/receive/jambonzFrame.ts';
import { frameFingerprint } from '../core/receive/webhook.ts';
import { takeTurn } from '../loop/slices.ts';
import { type JambonzIntake, webhookOf } from './jambonzDelivery.ts';

/** Why a socket was closed: a label value of `sipwhy_websocket_closes_total`. */
type SocketClose = 'peer' | 'shutdown' | 'store_failed' | 'malformed' | 'too_large' | 'silent';

export interface StatusSocketIntake extends JambonzIntake {
  onSocketOpened(): void;
  onSocketClosed(reason: SocketClose): void;
  /** Interval of the pings, in milliseconds. A peer that misses one is disconnected. */
  readonly pingEveryMs: number;
  /** The most sockets that may be open at once. */
  readonly socketsAtMost: number;
  /** Called for each socket that is refused because of the limit. */
  onFull(): void;
}

/** Frames of one socket that may be waiting for their turn or the disk. At this number, reading from the socket pauses. */
const PENDING_AT_MOST = 64;
/** A sender of this many malformed frames is not Jambonz. */
const MALFORMED_AT_MOST = 20;

interface StatusFrame {
  readonly data: Buffer;
  readonly frame: Extract<Frame, { kind: 'status' }>;
  readonly receivedAt: number;
}

interface Session {
  readonly authorization: string | undefined;
  isAlive: boolean;
  pending: number;
  malformed: number;
  /** Set if sipwhy closes the socket; `undefined` if the peer does. */
  closing: SocketClose | undefined;
}

/** WebSockets on which Jambonz reports call status. Jambonz expects no answer to a status. */
export class StatusSockets {
  readonly #intake: StatusSocketIntake;
  readonly #sessions = new Map<WebSocket, Session>();
  readonly #pinging: NodeJS.Timeout;

  constructor(intake: StatusSocketIntake) {
    this.#intake = intake;
    this.#pinging = setInterval(() => this.#ping(), intake.pingEveryMs).unref();
  }

  get isFull(): boolean {
    return this.#sessions.size >= this.#intake.socketsAtMost;
  }

  take(socket: WebSocket, { headers }: FastifyRequest): void {
    const session: Session = {
      authorization: headers.authorization,
      isAlive: true,
      pending: 0,
      malformed: 0,
      closing: undefined,
    };
    this.#sessions.set(socket, session);
    this.#intake.onSocketOpened();
    socket.on('message', (data, isBinary) => {
      // The cast is ws's own default: a message comes as one Buffer.
      this.#take(socket, session, isBinary ? undefined : (data as Buffer));
    });
    socket.on('pong', () => {
      session.isAlive = true;
    });
    socket.on('error', (error: Error & { code?: string }) => {
      if (error.code !== 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return;
      session.closing ??= 'too_large';
      this.#intake.onWebhook('other', 'too_large');
    });
    socket.on('close', () => {
      this.#sessions.delete(socket);
      this.#intake.onSocketClosed(session.closing ?? 'peer');
    });
  }

  /** Closes every socket, and after `withinMs` terminates those that the peer hasn't closed. */
  close(withinMs: number): void {
    clearInterval(this.#pinging);
    for (const [socket, session] of this.#sessions) end(socket, session, 'shutdown', 1001);
    setTimeout(() => {
      for (const socket of this.#sessions.keys()) socket.terminate();
    }, withinMs).unref();
  }

  /** Reads a frame when its turn comes; `undefined`: it is no text. */
  #take(socket: WebSocket, session: Session, data: Buffer | undefined): void {
    const receivedAt = this.#intake.now();
    session.pending += 1;
    if (session.pending >= PENDING_AT_MOST) socket.pause();
    takeTurn(async () => {
      if (data === undefined) this.#malformed(socket, session);
      else await this.#read(socket, session, data, receivedAt);
      session.pending -= 1;
      if (socket.isPaused && session.pending < PENDING_AT_MOST / 2) socket.resume();
    });
  }

  async #read(socket: WebSocket, session: Session, data: Buffer, receivedAt: number): Promise<void> {
    const frame = readFrame(data, { at: receivedAt, receivedAt, precise: true });
    switch (frame.kind) {
      case 'malformed':
        this.#malformed(socket, session);
        break;
      case 'other':
        this.#intake.onWebhook('other', 'ignored');
        break;
      case 'reconnect':
        this.#intake.onWebhook('other', 'ignored');
        socket.send(JSON.stringify({ type: 'ack', msgid: frame.msgid }));
        break;
      case 'status':
        await this.#write(socket, session, { data, frame, receivedAt });
        break;
    }
  }

  async #write(socket: WebSocket, session: Session, { data, frame, receivedAt }: StatusFrame): Promise<void> {
    const { reading, msgid, b3, body, json } = frame;
    if (!reading.ok) {
      this.#intake.onWebhook('call_status', 'invalid');
      return;
    }
    const { authorization } = session;
    try {
      const outcome = await this.#intake.take(
        webhookOf(this.#intake, {
          hook: 'call_status',
          moment: { at: receivedAt, receivedAt, precise: true },
          fingerprint: frameFingerprint(data, msgid),
          delivered: {
            method: 'POST',
            query: '',
            // The headers of Jambonz's POST of the same status, without a signature: a frame has none.
            headers: [
              ...['Content-Type', 'application/json'],
              ...(authorization === undefined ? [] : ['Authorization', authorization]),
              ...(b3 === undefined ? [] : ['b3', b3]),
            ],
            body,
          },
          json,
        }),
      );
      this.#intake.onWebhook('call_status', outcome);
      if (outcome === 'store_busy') end(socket, session, 'store_failed', 1013);
    } catch {
      this.#intake.onWebhook('call_status', 'store_failed');
      // Jambonz then reconnects, with growing delays, and reports later statuses.
      end(socket, session, 'store_failed', 1013);
    }
  }

  #malformed(socket: WebSocket, session: Session): void {
    this.#intake.onWebhook('other', 'invalid');
    session.malformed += 1;
    if (session.malformed >= MALFORMED_AT_MOST) end(socket, session, 'malformed', 1008);
  }

  #ping(): void {
    for (const [socket, session] of this.#sessions) {
      if (session.isAlive) {
        session.isAlive = false;
        socket.ping();
      } else {
        session.closing ??= 'silent';
        socket.terminate();
      }
    }
  }
}

function end(socket: WebSocket, session: Session, reason: SocketClose, code: number): void {
  session.closing ??= reason;
  socket.close(code, reason);
}
