import { setImmediate as nextTurn } from 'node:timers/promises';
import { AttemptDiagnoser } from '../core/diagnose/diagnoseAttempt.ts';
import type { Site } from '../core/diagnose/facts/site.ts';
import { type JambonzHook, readBody } from '../core/receive/jambonzWebhook.ts';
import { readConfiguration } from '../core/trunks/configurationFile.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { type SampleDay, uuidOf } from '../demo/sampleDay.ts';
import { OpenCalls } from '../engine/openCalls.ts';
import { Directory } from '../livekit/directory.ts';
import { pause } from '../loop/slices.ts';
import { Pipeline } from '../pipeline.ts';
import { IncidentTracker } from '../service/incidentTracker.ts';
import { deliver, type ReadWebhook } from '../store/calls/delivery.ts';
import { Store } from '../store/store.ts';

/** How soon, in milliseconds, after its last webhook a call is judged whose end is known, … */
const KNOWN_AFTER_MS = 1_500;
/** … and one for whose end Jambonz might send more. */
const ALL_AFTER_MS = 70_000;

const NEVER = new AbortController().signal;

interface Sample {
  readonly store: Store;
  /** LiveKit's configuration at the end of the day. */
  readonly snapshot: Snapshot | undefined;
}

/**
 * A store in memory with a day's calls, which ends at `end` in epoch milliseconds. They go through the engine's own
 * stages under virtual time, in slices. Rejects if a stage fails.
 */
export async function sampleStore(day: SampleDay, site: Site, end: number): Promise<Sample> {
  const store = await Store.open(':memory:', { newIncidentId: idsOf('incident') });
  try {
    await nextTurn();
    return { store, snapshot: await fill(store, day, site, end) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function fill(store: Store, day: SampleDay, site: Site, end: number): Promise<Snapshot | undefined> {
  const versions = day.configurations.map(({ before, livekit }) => ({
    at: end - before,
    snapshot: snapshotOf(livekit),
  }));
  let now = versions[0]?.at ?? end;
  let fault: unknown;
  const failed = (error: unknown) => {
    fault ??= error;
  };
  const directory = new Directory({
    source: async () =>
      versions.findLast(({ at }) => at <= now)?.snapshot ?? Promise.reject(new Error('no version yet')),
    refreshSeconds: 60,
    now: () => now,
    events: { onRefresh: failed, onChange() {}, onHistoryError: failed },
    history: store.configurations,
  });
  const tracker = new IncidentTracker({
    incidents: store.incidents,
    site,
    configurations: directory,
    clock: { now: () => now, isSteady: true },
    events: { onEvent() {}, onOpen() {}, onChange() {}, onFailing: failed },
  });
  const diagnoser = new AttemptDiagnoser(site, {
    at: (time) => directory.at(time),
    changesUpTo: (snapshot, time) => directory.changesUpTo(snapshot, time),
  });
  const calls = new OpenCalls(store, diagnoser);
  const pipeline = new Pipeline({
    feed: async () => true,
    catchUp: (at) => calls.catchUp(at),
    closeSettled: (at) => calls.closeSettled(at),
    claim: (at, limit) => calls.claim(at, limit),
    diagnoser,
    save: (judged) => calls.handBack(judged, now),
    giveBack: (claimed) => calls.giveBack(claimed),
    findSaved: (judged, attempts, saved) => calls.findSaved(judged, attempts, saved),
    reconsiderAffected: (at) => calls.reconsiderAffected(at),
    count() {},
    countEnd() {},
    saved: (saved) => tracker.saved(saved),
    failed,
  });
  const settle = async (at: number) => {
    now = Math.max(now, at);
    while (await pipeline.run(() => now, NEVER));
    await directory.refresh();
    tracker.configurationRead();
    await tracker.settled();
  };

  const newId = idsOf('webhook');
  const groups = groupsOf(day, end);
  let stored = 0;
  await settle(now);
  for (const [i, { calls: together, startsAt, endsAt }] of groups.entries()) {
    await pause();
    for (const { at } of versions.filter((version) => version.at > now && version.at <= startsAt)) {
      // So that it is known to have been in force until then.
      await settle(at - 1);
      await settle(at);
    }
    const webhooks = together.flatMap((call) => webhooksOf(call, end, newId)).sort((a, b) => a.moment.at - b.moment.at);
    const from = stored === 0 ? undefined : { segment: 1, offset: stored };
    stored += webhooks.length;
    const slice = { journal: 'sample', from, to: { segment: 1, offset: stored } };
    const delivery = await deliver(store.database, webhooks, slice);
    if (delivery) calls.delivered(delivery);
    const nextAt = groups[i + 1]?.startsAt ?? end;
    await settle(Math.min(endsAt + KNOWN_AFTER_MS, nextAt));
    await settle(Math.min(endsAt + ALL_AFTER_MS, nextAt));
  }
  await settle(end);
  if (fault) throw fault;
  return directory.current;
}

type Call = SampleDay['calls'][number];

/** Calls that overlap in time, whose webhooks are stored together. Times in epoch milliseconds. */
interface Group {
  readonly calls: Call[];
  readonly startsAt: number;
  endsAt: number;
}

function groupsOf(day: SampleDay, end: number): Group[] {
  const groups: Group[] = [];
  for (const call of day.calls) {
    const startsAt = end - call.before;
    const endsAt = startsAt + (call.webhooks.at(-1)?.at_ms ?? 0);
    const latest = groups.at(-1);
    if (latest && startsAt <= latest.endsAt + KNOWN_AFTER_MS) {
      latest.calls.push(call);
      latest.endsAt = Math.max(latest.endsAt, endsAt);
    } else groups.push({ calls: [call], startsAt, endsAt });
  }
  return groups;
}

/** The webhooks of a call as the door accepts them. */
function webhooksOf({ before, webhooks }: Call, end: number, newId: () => string): ReadWebhook[] {
  return webhooks.map(({ path, body = '', at_ms }) => {
    const at = end - before + at_ms;
    const source: JambonzHook = path.endsWith('/dial-action') ? 'dial_action' : 'call_status';
    const moment = { at, receivedAt: at, precise: true };
    const bytes = Buffer.from(body);
    const reading = readBody(source, bytes, moment);
    if (!reading.ok) throw new Error(`the sample has a webhook that can’t be read: ${reading.faults[0]?.detail}`);
    const id = newId();
    return { id, source, form: 'json', moment, digest: id, repeatWithinMs: 0, body: bytes, event: reading.event };
  });
}

function snapshotOf(livekit: object): Snapshot {
  const reading = readConfiguration(livekit);
  if (!reading.ok) throw new Error(`the sample has a configuration that can’t be read: ${reading.faults.join('; ')}`);
  return reading.snapshot;
}

/** Ids that are the same in every replica, so that any of them can answer for each. */
function idsOf(kind: string): () => string {
  let made = 0;
  return () => {
    made += 1;
    return uuidOf(`${kind} ${made}`);
  };
}
