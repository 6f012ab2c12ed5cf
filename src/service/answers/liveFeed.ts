import { setImmediate } from 'node:timers/promises';
import { describeAttempt } from '../../core/explain/attemptSummary.ts';
import type { Incident } from '../../core/incidents/incident.ts';
import type { Condition } from '../../loop/condition.ts';
import { every, type Loop } from '../../loop/every.ts';
import type { Position } from '../../store/calls/search.ts';
import type { Store, StoredAttempt } from '../../store/store.ts';

/** Something that happened. `id` is also a cursor, and the same whenever this event comes again. */
export interface FeedEvent {
  readonly id: string;
  readonly event: 'call' | 'incident';
  readonly data: object;
}

type Listener = (event: FeedEvent) => void;

/** A place among the events; `after` is absent where all of that moment were seen. */
interface Place {
  readonly at: number;
  readonly after?: { readonly event: FeedEvent['event']; readonly key: string };
}

interface Change extends Position {
  readonly event: FeedEvent['event'];
  readonly incident?: Incident;
}

/**
 * How far back, in milliseconds, is read again: with several replicas, whose clocks differ, what is written may become
 * visible after what is dated later.
 */
const OVERLAP_MS = 5_000;
/** As much is read at once of either kind. */
const PAGE = 500;
/** As many events are told in one turn of the event loop. */
const AT_ONCE = 20;
/** How often, in milliseconds, the store is asked while somebody listens. */
const EVERY_MS = 1_000;

/**
 * What happens, read from the store: attempts when they are explained, or explained otherwise, and incidents when they
 * change. The same for one process and for several on one database. An event may be given more than once.
 */
export class Feed {
  readonly #store: Pick<Store, 'search' | 'incidents'>;
  readonly #describe: (incident: Incident) => object;
  readonly #now: () => number;
  readonly #condition: Pick<Condition, 'met' | 'over'>;
  readonly #listeners = new Set<Listener>();
  /** Ids that were told within the overlap, with their times. */
  readonly #delivered = new Map<string, number>();
  #head = 0;
  #loop: Loop | undefined;

  /** `now` in epoch milliseconds; `condition` is told whether the store can be read. */
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

  /** What happened after a cursor, up to a bounded number; `undefined` for a cursor that is none. */
  async eventsAfter(cursor: string | undefined) {
    const now = this.#now();
    if (cursor === undefined) return { events: [], cursor: String(now), hasMore: false };
    const place = placeOf(cursor);
    if (!place) return undefined;
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

  /** Tells of what happens from now on, until the function that it returns is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return () => {
      // A listener may leave twice.
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) void this.#loop?.stop();
    };
  }

  #begin(): void {
    this.#delivered.clear();
    this.#head = this.#now();
    // What is dated before the first listener came was there by then, and is not told.
    let since = this.#head;
    this.#loop = every(
      async () => {
        await this.#tell(since);
        since = 0;
      },
      { everyMs: EVERY_MS, firstAfterMs: EVERY_MS, condition: this.#condition },
    );
  }

  async #tell(since: number): Promise<void> {
    const changes = await this.#allSince(this.#head - OVERLAP_MS);
    const fresh = changes.filter((change) => !this.#delivered.has(idOf(change)));
    const events = await this.#read(fresh.filter(({ at }) => at >= since));
    for (const change of fresh) this.#delivered.set(idOf(change), change.at);
    this.#head = Math.max(this.#head, ...changes.map(({ at }) => at));
    for (const [id, at] of this.#delivered) if (at < this.#head - OVERLAP_MS) this.#delivered.delete(id);
    for (const [i, event] of events.entries()) {
      for (const listener of this.#listeners) listener(event);
      // A burst is not to fill the buffers of those who do read.
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

  /** What changed after a place, in order; more than a page where there is more to come. */
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
    // Each kind is in the store's own order already, which the sort keeps.
    return changes.sort((a, b) => a.at - b.at || (a.event < b.event ? -1 : a.event > b.event ? 1 : 0));
  }

  async #read(changes: readonly Change[]): Promise<FeedEvent[]> {
    const ids = changes.flatMap(({ event, id }) => (event === 'call' ? [id] : []));
    const attempts = new Map<string, StoredAttempt>();
    for (let i = 0; i < ids.length; i += PAGE) {
      const some = await this.#store.search.read(ids.slice(i, i + PAGE));
      for (const attempt of some) attempts.set(attempt.id, attempt);
    }
    return changes.flatMap((change): FeedEvent[] => {
      const { event, incident } = change;
      const attempt = attempts.get(change.id);
      const data = incident ? this.#describe(incident) : attempt && describeAttempt(attempt);
      return data ? [{ id: idOf(change), event, data }] : [];
    });
  }
}

function idOf({ at, event, id }: Change): string {
  // An attempt's id is a call_sid, which is whatever the webhook said; a cursor goes into a header.
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

/** Where to read on in one kind. Of one moment, calls come before incidents. */
function positionOf({ at, after }: Place, kind: FeedEvent['event']): Position {
  if (after?.event === kind) return { at, id: after.key };
  if (after?.event === 'call') return { at, id: '' };
  return { at: at + 1, id: '' };
}
