import { setImmediate } from 'node:timers/promises';
import { describeAttempt } from '../../core/explain/attemptSummary.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { Condition } from '../../loop/condition.ts';
import { every, type Loop } from '../../loop/every.ts';
import { mapInSlices } from '../../loop/slices.ts';
import type { Position } from '../../store/calls/attemptSlices.ts';
import type { Store } from '../../store/store.ts';

/** An event of the feed. `id` is also a cursor, and stays the same if the event is sent again. */
export interface FeedEvent {
  readonly id: string;
  readonly event: 'call' | 'incident';
  readonly data: object;
}

type Listener = (event: FeedEvent) => void;

/** A position in the feed; `after` is absent if all events of that moment were seen. */
interface Place {
  readonly at: number;
  readonly after?: { readonly event: FeedEvent['event']; readonly key: string };
}

interface Change extends Position {
  readonly event: FeedEvent['event'];
  readonly incident?: Incident;
}

/**
 * How far back, in milliseconds, changes are read again. With several replicas, whose clocks differ, a change may become
 * visible after one with a later time.
 */
const OVERLAP_MS = 5_000;
/** How many changes of each kind are read at once. */
const PAGE = 500;
/** How many events are sent in one turn of the event loop. */
const AT_ONCE = 20;
/** How often, in milliseconds, the store is read while somebody listens. */
const EVERY_MS = 1_000;

/**
 * The feed of new verdicts and changed incidents. It is read from the store, so it is complete on every replica. An event
 * may be sent more than once.
 */
export class Feed {
  readonly #store: Pick<Store, 'search' | 'incidents'>;
  readonly #describe: (incident: Incident) => object;
  readonly #now: () => number;
  readonly #condition: Pick<Condition, 'met' | 'over'>;
  readonly #listeners = new Set<Listener>();
  /** The ids of events sent within the overlap, with their times. */
  readonly #sent = new Map<string, number>();
  #head = 0;
  #loop: Loop | undefined;

  /** `now` in epoch milliseconds. `condition` reports whether the store can be read. */
  constructor(
    store: Pick<Store, 'search' | 'incidents'>,
    describe: (incident: Incident) => object,
    now: () => number,
    condition: Pick<Condition, 'met' | 'over'>,
  ) {
    this.#store = store;
    this.#describe = describe;
    this.#now = now;
    this.#condition = condition;
  }

  /** The events after a cursor, up to a limit; `undefined` for an invalid cursor. */
  async eventsAfter(cursor: string | undefined) {
    const now = this.#now();
    if (cursor === undefined) return { events: [], cursor: String(now), hasMore: false };
    const asked = placeOf(cursor);
    if (!asked) return undefined;
    // A cursor from later than now is from before the clock was set back.
    const place = asked.at > now + OVERLAP_MS ? { at: now - OVERLAP_MS } : asked;
    const late = await this.#changes({ at: place.at - OVERLAP_MS });
    const fresh = await this.#changes(place);
    const page = fresh.slice(0, PAGE);
    const hasMore = fresh.length > PAGE;
    const ids = new Set(page.map(idOf));
    const again = late.filter((change) => change.at <= place.at && !ids.has(idOf(change)));
    const events = await this.#read([...again, ...page]);
    const last = page.at(-1);
    const next = hasMore && last ? idOf(last) : String(Math.max(now, last?.at ?? 0, place.at));
    return { events, cursor: next, hasMore };
  }

  isCursor(text: string): boolean {
    return placeOf(text) !== undefined;
  }

  /** Sends events to a listener from now on, until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return () => {
      // The function may be called twice.
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) void this.#loop?.stop();
    };
  }

  #begin(): void {
    this.#sent.clear();
    this.#head = this.#now();
    // Events from before the first listener are not sent.
    let since = this.#head;
    this.#loop = every(
      async () => {
        await this.#send(since);
        since = 0;
      },
      { everyMs: EVERY_MS, firstAfterMs: EVERY_MS, condition: this.#condition },
    );
  }

  async #send(since: number): Promise<void> {
    const changes = await this.#allSince(Math.min(this.#now(), this.#head) - OVERLAP_MS);
    const fresh = changes.filter((change) => !this.#sent.has(idOf(change)));
    const events = await this.#read(fresh.filter(({ at }) => at >= since));
    for (const change of fresh) this.#sent.set(idOf(change), change.at);
    // The clock may have been set back since the latest change.
    this.#head = Math.min(this.#now(), Math.max(this.#head, ...changes.map(({ at }) => at)));
    for (const [id, at] of this.#sent) if (at < this.#head - OVERLAP_MS) this.#sent.delete(id);
    for (const [i, event] of events.entries()) {
      for (const listener of this.#listeners) listener(event);
      // Pauses let the readers drain their buffers during a burst.
      if (i % AT_ONCE === AT_ONCE - 1) await setImmediate();
    }
  }

  async #allSince(at: number): Promise<Change[]> {
    const all: Change[] = [];
    for (let place: Place = { at }; ; ) {
      const page = await this.#changes(place);
      all.push(...page.slice(0, PAGE));
      const last = all.at(-1);
      if (page.length <= PAGE || !last) return all;
      place = { at: last.at, after: { event: last.event, key: last.id } };
    }
  }

  /**
   * The changes after a place, in order; more than a page if there are more to come. Those from later than now are left
   * out: they were written by a clock that was wrong.
   */
  async #changes(place: Place): Promise<Change[]> {
    const [call, incident] = [positionOf(place, 'call'), positionOf(place, 'incident')];
    const calls = await this.#store.search.changedAfter(call, PAGE + 1);
    const incidents = await this.#store.incidents.changedSince(incident.at, incident.id, PAGE + 1);
    const changes: Change[] = [
      ...calls.map((change) => ({ ...change, event: 'call' as const })),
      ...incidents.map(({ changedAt, incident: changed }) => ({
        at: changedAt,
        id: changed.id,
        event: 'incident' as const,
        incident: changed,
      })),
    ];
    const until = this.#now() + OVERLAP_MS;
    // Each kind is already in the store's order, and the sort is stable.
    return changes
      .filter(({ at }) => at <= until)
      .sort((a, b) => a.at - b.at || (a.event < b.event ? -1 : a.event > b.event ? 1 : 0));
  }

  async #read(changes: readonly Change[]): Promise<FeedEvent[]> {
    const ids = changes.flatMap(({ event, id }) => (event === 'call' ? [id] : []));
    const attempts = new Map((await this.#store.search.read(ids)).map((attempt) => [attempt.id, attempt]));
    const events = await mapInSlices(changes, (change): FeedEvent[] => {
      const { event, incident } = change;
      const attempt = attempts.get(change.id);
      const data = incident ? this.#describe(incident) : attempt && describeAttempt(attempt);
      return data ? [{ id: idOf(change), event, data }] : [];
    });
    return events.flat();
  }
}

function idOf({ at, event, id }: Change): string {
  // An attempt's id is a call_sid, which may contain any text, and a cursor is sent in a header.
  return `${at}.${event}.${encodeURIComponent(id)}`;
}

function placeOf(cursor: string): Place | undefined {
  const [, at, event, key = ''] = /^(\d{1,15})(?:\.(call|incident)\.(\S+))?$/.exec(cursor) ?? [];
  if (at === undefined) return undefined;
  if (event !== 'call' && event !== 'incident') return { at: Number(at) };
  try {
    return { at: Number(at), after: { event, key: decodeURIComponent(key) } };
  } catch {
    return undefined;
  }
}

/** Where to continue in one kind. At the same moment calls come before incidents. */
function positionOf({ at, after }: Place, kind: FeedEvent['event']): Position {
  if (after?.event === kind) return { at, id: after.key };
  if (after?.event === 'call') return { at, id: '' };
  return { at: at + 1, id: '' };
}
