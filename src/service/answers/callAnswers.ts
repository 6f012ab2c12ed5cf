import type { KnownConfiguration } from '../../core/diagnose/facts/facts.ts';
import type { Site } from '../../core/diagnose/facts/site.ts';
import { describeCall, startsOf } from '../../core/explain/callJson.ts';
import { type CallWithEffects, withEffects } from '../../core/explain/withEffects.ts';
import type { KeptVersion } from '../../core/trunks/difference.ts';
import type { Snapshot } from '../../core/trunks/snapshot.ts';
import type { Configurations } from '../../store/configurations.ts';
import { StoreUnavailable } from '../../store/postgres/postgresDatabase.ts';
import type { CallRecord, Store } from '../../store/store.ts';

/** How many of the latest attempts a fix is tried on. */
const RECENT = 200;

interface Sources {
  callInJournal?(callSid: string): Promise<CallRecord | undefined>;
  snapshotNow(): Snapshot | undefined;
  configurationAt?(time: number): KnownConfiguration | undefined;
}

/** One call with its timeline and explanations; `undefined` for an unknown call_sid. */
export async function describeCallIn(
  store: Store,
  site: Site,
  callSid: string,
  { callInJournal, snapshotNow, configurationAt }: Sources,
): Promise<CallWithEffects | undefined> {
  const record = await findCall(store, callSid, callInJournal);
  if (!record) return undefined;
  const configurations = new Map<number, KnownConfiguration | undefined>();
  for (const time of startsOf(record)) {
    configurations.set(
      time,
      configurationAt?.(time) ?? (await unlessUnavailable(configurationThen(store.configurations, time), undefined)),
    );
  }
  const call = describeCall(site, record, (time) => configurations.get(time));
  const snapshot = snapshotNow();
  if (!snapshot) return call;
  const recent = await unlessUnavailable(store.search.find({}, RECENT), []);
  return withEffects(
    call,
    site,
    snapshot,
    recent.map(({ record }) => record),
  );
}

/** What is in the log alone is looked for where the store does not have the call, or is away. */
async function findCall(
  store: Store,
  callSid: string,
  callInJournal: Sources['callInJournal'],
): Promise<CallRecord | undefined> {
  try {
    const found = await store.calls.find(callSid);
    if (found || !callInJournal) return found;
    return await callInJournal(callSid);
  } catch (error) {
    const unfed = await callInJournal?.(callSid);
    if (unfed) return unfed;
    throw error;
  }
}

/** What the store knows beside a call that is still in the log is no reason to keep the call back while it is away. */
function unlessUnavailable<T, U>(reading: Promise<T>, otherwise: U): Promise<T | U> {
  return reading.catch((error: unknown) => {
    if (error instanceof StoreUnavailable) return otherwise;
    throw error;
  });
}

/**
 * LiveKit's configuration as it was at a time (epoch milliseconds), from the history in the store: between two readings
 * that differ the nearer one, with the other beside it. `undefined` where no version of about that time is kept.
 */
async function configurationThen(
  configurations: Configurations,
  time: number,
): Promise<KnownConfiguration | undefined> {
  const [first, second] = (await configurations.around(time)).toSorted((a, b) => distance(a, time) - distance(b, time));
  // Before the first version that is kept there was another one, unless it is the first of all.
  if (!first || (!second && first.firstSeenAt > time && first.version > 1)) return undefined;
  const isBetween = second !== undefined && distance(first, time) > 0;
  return { ...known(first, time), ...(isBetween && { other: known(second, time) }) };
}

/** How far, in milliseconds, a time lies outside of that in which a version was read. */
function distance({ firstSeenAt, lastSeenAt }: KeptVersion, time: number): number {
  return Math.max(firstSeenAt - time, time - lastSeenAt, 0);
}

function known({ snapshot, lastSeenAt }: KeptVersion, time: number): KnownConfiguration {
  const ageSeconds = Math.max(0, time - lastSeenAt) / 1000;
  // How old it was plays no part in the match.
  return { snapshot, ageSeconds, isStale: false };
}
