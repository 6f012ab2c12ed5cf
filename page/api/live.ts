import { signal } from '@preact/signals';
import { refused, token } from './apiToken.ts';
import { ask, request } from './client.ts';
import { readEvents, type ServerEvent } from './serverEvents.ts';
import type { Incident, ListedCall } from './types.ts';

/** Grows whenever something new was heard: what is shown is then asked for again. */
export const changes = signal(0);

/** How new things are heard of. */
export const link = signal<'connecting' | 'live' | 'polling' | 'away'>('connecting');

/** The latest news in words, for screen readers. */
export const announcement = signal('');

/** A flood of calls asks for what is shown no more often than this. */
const AT_MOST_EVERY_MS = 3_000;
/** The service writes a comment every 15 s; longer silence is a proxy that holds the stream back, or a dead one. */
const SILENCE_MS = 35_000;
const POLL_EVERY_MS = 5_000;
const RECONNECT_MS = 3_000;

let cursor: string | undefined;

/** Follows the service's events for as long as the page is open: as a stream, or by asking where no stream comes through. */
export async function follow(): Promise<never> {
  let streams = true;
  for (;;) {
    if (refused.value !== undefined) await tokenGiven();
    if (streams) {
      const outcome = await stream();
      if (outcome === 'unusable') streams = false;
      else await pause(outcome === 'ended' ? 250 : RECONNECT_MS);
    } else {
      await poll();
      await pause(POLL_EVERY_MS);
    }
  }
}

/** `ended`: it worked and may be taken up again; `away`: nobody answered; `unusable`: there is no stream here. */
async function stream(): Promise<'ended' | 'away' | 'unusable'> {
  const abort = new AbortController();
  let silence = setTimeout(() => abort.abort(), SILENCE_MS);
  let heardAnything = false;
  try {
    const answer = await request('events', {
      accept: 'text/event-stream',
      signal: abort.signal,
      ...(cursor !== undefined && { headers: { 'last-event-id': cursor } }),
    });
    if (!answer.ok) {
      const { status } = answer.problem;
      if (status === 401) return 'away';
      if (status !== 0 && status < 500 && status !== 429) return 'unusable';
      link.value = 'away';
      return 'away';
    }
    const isStream = answer.data.headers.get('content-type')?.startsWith('text/event-stream') ?? false;
    if (!isStream || !answer.data.body) return 'unusable';
    link.value = 'live';
    // What came between the first answers and this stream is in neither.
    touch();
    for await (const event of readEvents(answer.data.body, () => {
      heardAnything = true;
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENCE_MS);
    })) {
      hear(event);
    }
    return 'ended';
  } catch {
    link.value = 'away';
    return abort.signal.aborted && !heardAnything ? 'unusable' : 'away';
  } finally {
    clearTimeout(silence);
  }
}

async function poll(): Promise<void> {
  const query = cursor === undefined ? 'poll=1' : `poll=1&cursor=${encodeURIComponent(cursor)}`;
  const answer = await ask<{ events: { id: string; event: string; data: unknown }[]; cursor: string }>(
    `events?${query}`,
  );
  if (answer.ok) {
    link.value = 'polling';
    for (const { id, event, data } of answer.data.events) hear({ id, event, data: JSON.stringify(data) });
    cursor = answer.data.cursor;
  } else if (answer.problem.status === 400 || answer.problem.status === 410) {
    // The cursor is of a store that is not there any more.
    cursor = undefined;
  } else if (answer.problem.status === 404) {
    // A service without events: what is shown is asked for again all the same.
    link.value = 'polling';
    touch();
  } else {
    link.value = 'away';
  }
}

function hear({ id, event, data }: ServerEvent): void {
  if (id !== undefined) cursor = id;
  let news: Partial<ListedCall & Incident>;
  try {
    news = JSON.parse(data);
  } catch {
    return;
  }
  if (event === 'call' && news.outcome === 'failed') {
    announcement.value = `New failed call: ${String(news.cause).replaceAll('_', ' ')}.`;
  } else if (event === 'incident' && news.title !== undefined) {
    announcement.value = `Incident ${news.state}: ${news.title}.`;
  }
  touch();
}

let isTouched = false;
let lastTouch = 0;

/** Has what is shown asked for again, soon and not too often, and not before somebody looks at it. */
function touch(): void {
  if (isTouched) return;
  isTouched = true;
  setTimeout(
    () => {
      isTouched = false;
      if (document.hidden) {
        document.addEventListener('visibilitychange', touch, { once: true });
        return;
      }
      lastTouch = performance.now();
      changes.value += 1;
    },
    Math.max(50, lastTouch + AT_MOST_EVERY_MS - performance.now()),
  );
}

function tokenGiven(): Promise<void> {
  const before = token.value;
  return new Promise((resolve) => {
    const stop = token.subscribe((now) => {
      if (now === before) return;
      queueMicrotask(() => stop());
      resolve();
    });
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
