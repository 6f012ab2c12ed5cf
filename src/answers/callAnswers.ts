import type { KnownConfiguration } from '../diagnose/facts.ts';
import type { Site } from '../diagnose/site.ts';
import { describeAttempt } from '../explain/attempt.ts';
import { describeCall, startsOf } from '../explain/call.ts';
import { type CallWithEffects, withEffects } from '../explain/withEffects.ts';
import type { CallQuery } from '../http/api/calls.ts';
import { StoreAway } from '../journal/postgresDatabase.ts';
import type { AttemptFilter } from '../journal/search.ts';
import type { Store } from '../journal/store.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { configurationThen } from './configurationThen.ts';
import { fromCursor, toCursor } from './cursors.ts';

/** How many of the latest attempts a fix is tried on. */
const RECENT = 200;

/** What is asked of calls. Times in epoch milliseconds. */
export function callAnswers(
  store: Pick<Store, 'findCall' | 'search' | 'configurations'>,
  site: Site,
  snapshotNow: () => Snapshot | undefined,
  /** What is at hand of the configuration at a time; the store is asked for the rest. */
  configurationAt: (time: number) => KnownConfiguration | undefined = () => undefined,
) {
  return {
    /** One call with its timeline and explanations; `undefined` for an unknown call_sid. */
    async describeCall(callSid: string): Promise<CallWithEffects | undefined> {
      const record = await store.findCall(callSid);
      if (!record) return undefined;
      const configurations = new Map<number, KnownConfiguration | undefined>();
      for (const time of startsOf(record)) {
        configurations.set(
          time,
          configurationAt(time) ?? (await orWhileAway(configurationThen(store.configurations, time), undefined)),
        );
      }
      const call = describeCall(site, record, (time) => configurations.get(time));
      const snapshot = snapshotNow();
      if (!snapshot) return call;
      const recent = await orWhileAway(store.search.find({}, RECENT), []);
      return withEffects(
        call,
        site,
        snapshot,
        recent.map(({ record }) => record),
      );
    },

    /** A page of attempts, the latest settled first; `undefined` for a cursor that is none. */
    async findCalls({ cursor, limit, ...query }: CallQuery) {
      const after = cursor === undefined ? undefined : fromCursor(cursor, 'number', 'string');
      if (cursor !== undefined && !after) return undefined;
      const position = after && { at: after[0], id: after[1] };
      const found = await store.search.find(filterOf(query), limit + 1, position);
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : undefined;
      return {
        calls: page.map((attempt) => describeAttempt(attempt)),
        next_cursor: last ? toCursor([last.settledAt, last.id]) : null,
      };
    },
  };
}

/** What PostgreSQL knows beside a call that is still in the spool is no reason to keep the call back while it is away. */
function orWhileAway<T, U>(reading: Promise<T>, otherwise: U): Promise<T | U> {
  return reading.catch((error: unknown) => {
    if (error instanceof StoreAway) return otherwise;
    throw error;
  });
}

function filterOf({ from, to, number, since, until, ...rest }: Omit<CallQuery, 'cursor' | 'limit'>): AttemptFilter {
  const digits = (text: string | undefined) => text?.replaceAll(/\D/g, '');
  return {
    ...rest,
    fromDigits: digits(from),
    toDigits: digits(to),
    digits: digits(number),
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
  };
}
