import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { EventRoutes, SentEvent } from './eventRoute.ts';

/** The most clients that may stream at once. */
const LISTENERS = 100;
const HEARTBEAT_MS = 15_000;
const READ_MS = 15_000;
/** The most bytes buffered for a client that doesn't read. */
const BUFFERED_BYTES = 1024 * 1024;
/** The most pages of missed events sent to a returning client. */
const PAGES = 10;

/** The connected clients. One that reads too slowly is disconnected; it reconnects and resumes from the store. */
export class EventStreams {
  readonly #open = new Set<ServerResponse>();
  readonly #readMs: number;

  /** `readMs`: how long, in milliseconds, a client that catches up may take to drain a full socket. */
  constructor(readMs = READ_MS) {
    this.#readMs = readMs;
  }

  get isFull(): boolean {
    return this.#open.size >= LISTENERS;
  }

  /** Sends a client the events it missed, then new ones. Rejects if the store can't be read. */
  async add(response: ServerResponse, source: EventRoutes, cursor: string | undefined): Promise<void> {
    this.#open.add(response);
    const heartbeat = setInterval(() => write(response, ': still here\n\n'), HEARTBEAT_MS);
    // New events wait here while missed ones are read. Its length is limited like the socket's buffer.
    const waiting: SentEvent[] = [];
    let isLive = false;
    const stop = source.listen((event) => {
      if (isLive) write(response, format(event));
      else if (waiting.push(event) > 1_000) response.destroy();
    });
    response.on('close', () => {
      clearInterval(heartbeat);
      stop();
      this.#open.delete(response);
    });
    response.on('error', () => response.destroy());
    response.write('retry: 3000\n\n');
    const delivered =
      cursor === undefined ? new Set<string>() : await sendMissed(response, source, cursor, this.#readMs);
    for (const event of waiting) if (!delivered.has(event.id)) write(response, format(event));
    isLive = true;
  }

  /** Ends all streams, so that the server can stop. */
  close(): void {
    for (const response of this.#open) response.end();
  }
}

/** Returns the ids of the events sent. */
async function sendMissed(
  response: ServerResponse,
  source: EventRoutes,
  from: string,
  readMs: number,
): Promise<Set<string>> {
  const delivered = new Set<string>();
  for (let cursor = from, page = 1; !response.destroyed; page += 1) {
    const missed = await source.eventsAfter(cursor);
    if (!missed) break;
    for (const event of missed.events) {
      if (delivered.has(event.id)) continue;
      delivered.add(event.id);
      if (!response.write(format(event))) await drained(response, readMs);
    }
    if (!missed.hasMore) break;
    if (page === PAGES) {
      response.write('event: gap\ndata: {}\n\n');
      break;
    }
    cursor = missed.cursor;
  }
  return delivered;
}

async function drained(response: ServerResponse, readMs: number): Promise<void> {
  try {
    await once(response, 'drain', { signal: AbortSignal.timeout(readMs) });
  } catch {
    // The client doesn't read, or has disconnected.
    response.destroy();
  }
}

function write(response: ServerResponse, text: string): void {
  if (response.destroyed) return;
  if (response.writableLength > BUFFERED_BYTES) response.destroy();
  else response.write(text);
}

function format({ id, event, data }: SentEvent): string {
  // JSON.stringify escapes line breaks, so the data is one line.
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
