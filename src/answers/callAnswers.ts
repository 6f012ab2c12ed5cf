import type { KnownConfiguration } from '../diagnose/facts.ts';
import type { Site } from '../diagnose/site.ts';
import { describeCall, startsOf } from '../explain/call.ts';
import { type CallWithEffects, withEffects } from '../explain/withEffects.ts';
import { StoreAway } from '../journal/postgresDatabase.ts';
import type { CallRecord, Store } from '../journal/store.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { configurationThen } from './configurationThen.ts';

/** How many of the latest attempts a fix is tried on. */
const RECENT = 200;

interface Sources {
  unfedCall?(callSid: string): Promise<CallRecord | undefined>;
  snapshotNow(): Snapshot | undefined;
  configurationAt?(time: number): KnownConfiguration | undefined;
}

/** One call with its timeline and explanations; `undefined` for an unknown call_sid. */
export async function describeCallIn(
  store: Store,
  site: Site,
  callSid: string,
  { unfedCall, snapshotNow, configurationAt }: Sources,
): Promise<CallWithEffects | undefined> {
  const record = await findCall(store, callSid, unfedCall);
  if (!record) return undefined;
  const configurations = new Map<number, KnownConfiguration | undefined>();
  for (const time of startsOf(record)) {
    configurations.set(
      time,
      configurationAt?.(time) ?? (await orWhileAway(configurationThen(store.configurations, time), undefined)),
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
}

/** What is in the log alone is looked for where the store does not have the call, or is away. */
async function findCall(
  store: Store,
  callSid: string,
  unfedCall: Sources['unfedCall'],
): Promise<CallRecord | undefined> {
  try {
    const found = await store.calls.find(callSid);
    if (found || !unfedCall) return found;
    return await unfedCall(callSid);
  } catch (error) {
    const unfed = await unfedCall?.(callSid);
    if (unfed) return unfed;
    throw error;
  }
}

/** What the store knows beside a call that is still in the log is no reason to keep the call back while it is away. */
function orWhileAway<T, U>(reading: Promise<T>, otherwise: U): Promise<T | U> {
  return reading.catch((error: unknown) => {
    if (error instanceof StoreAway) return otherwise;
    throw error;
  });
}
