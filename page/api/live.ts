import { signal } from '@preact/signals';
import { ask, request } from './client.ts';
import { readEvents, type ServerEvent } from './serverEvents.ts';
import { isSignedOut, session } from './session.ts';
import type { Incident, ListedCall } from './types.ts';

/** Grows with every event from the service; visible data is then requested again. */
export const changes = signal(0);

/** How the page learns about new calls. */
export const link = signal<'connecting' | 'live' | 'polling' | 'away'>('connecting');

/** The latest event in words, for screen readers. */
export const announcement = signal('');

/** Visible data is requested again no more often than this, even in a flood of calls. */
const AT_MOST_EVERY_MS = 3_000;
/** The service writes a comment every 15 s. A longer silence means a dead stream, or a proxy that buffers it. */
const SILENCE_MS = 35_000;
const POLL_EVERY_MS = 5_000;
const RECONNECT_MS = 3_000;

let cursor: string | undefined;

/** Follows the service's events while the page is open: as a stream, or by polling if no stream gets through. */
export async function follow(): Promise<never> {
  let streams = true;
  for (;;) {
    if (isSignedOut.value) await signedIn();
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

/** `ended`: the stream worked and may be resumed; `away`: no answer; `unusable`: no stream gets through. */
async function stream(): Promise<'ended' | 'away' | 'unusable'> {
  const abort = new AbortController();
  let silence = setTimeout(() => abort.abort(), SILENCE_MS);
  let hasReceivedBytes = false;
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
    // Events between the first answers and the start of this stream are in neither.
    touch();
    for await (const event of readEvents(answer.data.body, () => {
      hasReceivedBytes = true;
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENCE_MS);
    })) {
      receive(event);
    }
    return 'ended';
  } catch {
    link.value = 'away';
    return abort.signal.aborted && !hasReceivedBytes ? 'unusable' : 'away';
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
    for (const { id, event, data } of answer.data.events) receive({ id, event, data: JSON.stringify(data) });
    cursor = answer.data.cursor;
  } else if (answer.problem.status === 400 || answer.problem.status === 410) {
    // The cursor belongs to a store that no longer exists.
    cursor = undefined;
  } else if (answer.problem.status === 404) {
    // The service has no events: request the visible data again on every poll.
    link.value = 'polling';
    touch();
  } else {
    link.value = 'away';
  }
}

function receive({ id, event, data }: ServerEvent): void {
  if (id !== undefined) cursor = id;
  let received: Partial<ListedCall & Incident>;
  try {
    received = JSON.parse(data);
  } catch {
    return;
  }
  if (event === 'call' && (received.outcome === 'failed' || received.outcome === 'dropped')) {
    announcement.value = `New ${received.outcome} call: ${String(received.cause).replaceAll('_', ' ')}.`;
  } else if (event === 'incident' && received.title !== undefined) {
    announcement.value = `Incident ${received.state}: ${received.title}.`;
  }
  touch();
}

let isTouched = false;
let lastTouch = 0;

/** Has visible data requested again: soon, not too often, and not while the page is hidden. */
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

function signedIn(): Promise<void> {
  const before = session.value;
  return new Promise((resolve) => {
    const stop = session.subscribe((now) => {
      if (now === before) return;
      queueMicrotask(() => stop());
      resolve();
    });
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
