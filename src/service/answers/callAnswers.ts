import type { KnownConfiguration } from '../../core/diagnose/facts/facts.ts';
import type { Site } from '../../core/diagnose/facts/site.ts';
import { describeCall, startsOf } from '../../core/explain/callJson.ts';
import type { LinkTargets } from '../../core/explain/links.ts';
import { type CallWithEffects, withEffects } from '../../core/explain/withEffects.ts';
import type { KeptVersion } from '../../core/trunks/difference.ts';
import type { Snapshot } from '../../core/trunks/snapshot.ts';
import { inSlices } from '../../loop/slices.ts';
import type { Configurations } from '../../store/configurations.ts';
import type { CallRecord, Store } from '../../store/store.ts';
import { StoreUnavailable } from '../../store/storeUnavailable.ts';

/** How many of the latest attempts show the effects of a fix. */
const RECENT = 200;

interface Sources {
  callInJournal?(callSid: string): Promise<CallRecord | undefined>;
  snapshotNow(): Snapshot | undefined;
  configurationAt?(time: number): KnownConfiguration | undefined;
  readonly links: LinkTargets;
}

/** One call with its timeline and explanations; `undefined` for an unknown call_sid. */
export async function describeCallIn(
  store: Store,
  site: Site,
  callSid: string,
  { callInJournal, snapshotNow, configurationAt, links }: Sources,
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
  const call = describeCall(site, record, (time) => configurations.get(time), links);
  const snapshot = snapshotNow();
  if (!snapshot) return call;
  const recent = await unlessUnavailable(store.search.find({}, RECENT), { found: [] });
  const records = recent.found.map(({ record }) => record);
  return inSlices(withEffects(call, site, snapshot, records));
}

/** Finds a call in the store, or in the journal if the store does not have it or fails. */
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

/** Falls back if the store is unavailable: a call from the journal is still described, without the store's other data. */
function unlessUnavailable<T, U>(reading: Promise<T>, otherwise: U): Promise<T | U> {
  return reading.catch((error: unknown) => {
    if (error instanceof StoreUnavailable) return otherwise;
    throw error;
  });
}

/**
 * LiveKit's configuration at a time in epoch milliseconds, from the history in the store. Between two readings that differ
 * it is the nearer one, with the other one as `other`. `undefined` if no version of about that time is stored.
 */
async function configurationThen(
  configurations: Configurations,
  time: number,
): Promise<KnownConfiguration | undefined> {
  const [first, second] = (await configurations.around(time)).toSorted((a, b) => distance(a, time) - distance(b, time));
  // Before the first stored version there was another one, unless its number is 1.
  if (!first || (!second && first.firstSeenAt > time && first.version > 1)) return undefined;
  const isBetween = second !== undefined && distance(first, time) > 0;
  return { ...known(first, time), ...(isBetween && { other: known(second, time) }) };
}

/** How far, in milliseconds, a time lies outside the readings of a version. */
function distance({ firstSeenAt, lastSeenAt }: KeptVersion, time: number): number {
  return Math.max(firstSeenAt - time, time - lastSeenAt, 0);
}

function known({ snapshot, lastSeenAt }: KeptVersion, time: number): KnownConfiguration {
  const ageSeconds = Math.max(0, time - lastSeenAt) / 1000;
  // The age does not affect matching.
  return { snapshot, ageSeconds, isStale: false };
}
