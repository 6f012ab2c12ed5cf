import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { EventRoutes, SentEvent } from './eventRoute.ts';

/** As many may listen at once. */
const LISTENERS = 100;
const HEARTBEAT_MS = 15_000;
/** How long, in milliseconds, a listener may take to read what it has missed, each time the socket is full. */
const READ_MS = 15_000;
/** More than this much, in bytes, is not kept for a listener that does not read. */
const BUFFERED_BYTES = 1024 * 1024;
/** As many pages of what it has missed are told to one that comes back. */
const PAGES = 10;

/** The listeners that are connected. One that reads too slowly is dropped: it comes back, and resumes from the store. */
export class EventStreams {
  readonly #open = new Set<ServerResponse>();

  get isFull(): boolean {
    return this.#open.size >= LISTENERS;
  }

  /** Tells a listener what it has missed, and then what happens. Rejects where the store cannot be read. */
  async add(response: ServerResponse, source: EventRoutes, cursor: string | undefined): Promise<void> {
    this.#open.add(response);
    const heartbeat = setInterval(() => write(response, ': still here\n\n'), HEARTBEAT_MS);
    // What happens while the past is read waits here; its length is bounded as that of the socket is.
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
    const delivered = cursor === undefined ? new Set<string>() : await tellMissed(response, source, cursor);
    for (const event of waiting) if (!delivered.has(event.id)) write(response, format(event));
    isLive = true;
  }

  /** Ends all of them, so that the server can stop. */
  close(): void {
    for (const response of this.#open) response.end();
  }
}

/** Returns the ids that were told. */
async function tellMissed(response: ServerResponse, source: EventRoutes, from: string): Promise<Set<string>> {
  const delivered = new Set<string>();
  for (let cursor = from, page = 1; !response.destroyed; page += 1) {
    const missed = await source.eventsAfter(cursor);
    if (!missed) break;
    for (const event of missed.events) {
      if (delivered.has(event.id)) continue;
      delivered.add(event.id);
      if (!response.write(format(event))) await drained(response);
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

async function drained(response: ServerResponse): Promise<void> {
  try {
    await once(response, 'drain', { signal: AbortSignal.timeout(READ_MS) });
  } catch {
    // It does not read, or has gone.
    response.destroy();
  }
}

function write(response: ServerResponse, text: string): void {
  if (response.destroyed) return;
  if (response.writableLength > BUFFERED_BYTES) response.destroy();
  else response.write(text);
}

function format({ id, event, data }: SentEvent): string {
  // JSON has no line breaks of its own.
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
