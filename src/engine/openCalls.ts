import { LiveKitSide } from '../core/correlate/liveKitSide.ts';
import { OpenCall } from '../core/correlate/openCall.ts';
import type { AttemptDiagnoser } from '../core/diagnose/diagnoseAttempt.ts';
import { WINDOW_SECONDS } from '../core/diagnose/facts/neighbours.ts';
import { hasPassed } from '../loop/clockWatch.ts';
import { pause } from '../loop/slices.ts';
import type { ClaimedCall } from '../pipeline.ts';
import type { Delivery } from '../store/calls/delivery.ts';
import type { Judged } from '../store/calls/dueCalls.ts';
import type { SavedAttempts, Store, StoredAttempt } from '../store/store.ts';
import { CallCache } from './callCache.ts';
import { TimeShifts } from './timeShifts.ts';

/** How far, in milliseconds, the clocks of replicas may differ. A webhook from later than that is from a wrong clock. */
const AHEAD_MS = 5_000;
/** How often, in milliseconds, the verdicts of other replicas are read. */
const CATCH_UP_EVERY_MS = 1_000;
/** A call that is due only later than this, in milliseconds, rests: its caller may talk for hours. */
const SOON_MS = 10_000;
/** How far back, in milliseconds, verdicts are read: calls that began within the window count as neighbours. */
const LOOKBACK_MS = 2 * WINDOW_SECONDS * 1_000;
/** The same at the start: how callers of each dispatch rule usually end their calls shows only over hours. */
const FIRST_LOOKBACK_MS = 6 * 3_600_000;

/** The open calls of the store: this process claims them, loads them, and hands them back. It caches its own in memory. */
export class OpenCalls {
  readonly #store: Store;
  readonly #diagnoser: AttemptDiagnoser;
  readonly #cache: CallCache;
  readonly #shifts = new TimeShifts();
  #caughtUpAt = Number.NEGATIVE_INFINITY;
  /** Whether calls may have webhooks from after now. Also true at the start: an earlier process may have stored them. */
  #mayBeAhead = true;
  /** The attempts read last, with the time of their verdicts. An attempt with the same time is not news. */
  #known: ReadonlyMap<string, number> = new Map();

  constructor(store: Store, diagnoser: AttemptDiagnoser, cache = new CallCache()) {
    this.#store = store;
    this.#diagnoser = diagnoser;
    this.#cache = cache;
  }

  /** Adds stored webhooks to the calls in memory. Returns how many were left out because their calls have too many. */
  delivered({ touched }: Delivery): number {
    return this.#cache.touch(touched);
  }

  /** Notes that the wall clock jumped to `now`. Every call is loaded again, with its times moved. */
  clockJumped(byMs: number, now: number): void {
    this.#shifts.add(byMs, now);
    this.#cache.clear();
    if (byMs < 0) this.#mayBeAhead = true;
  }

  /** Reads the verdicts of other replicas, and of the time before a restart. Re-evaluates the calls that they affect. */
  async catchUp(now: number): Promise<void> {
    if (this.#mayBeAhead) {
      // A call that is due by a clock that was set back is examined now. Otherwise it would wait until then.
      await this.#store.due.makeDueSince(now + AHEAD_MS);
      this.#mayBeAhead = false;
    }
    const isFirst = this.#caughtUpAt === Number.NEGATIVE_INFINITY;
    if (!isFirst && !(this.#store.isShared && hasPassed(CATCH_UP_EVERY_MS, this.#caughtUpAt, now))) return;
    const judged = await this.#store.calls.judgedSince(now - (isFirst ? FIRST_LOOKBACK_MS : LOOKBACK_MS));
    const news = judged.filter(({ id, judgedAt }) => this.#known.get(id) !== judgedAt);
    this.#known = new Map(judged.map(({ id, judgedAt }) => [id, judgedAt]));
    this.#caughtUpAt = now;
    this.#diagnoser.catchUp(news);
    await this.reconsiderAffected(now);
  }

  /** Closes calls that are over because no late webhook came. */
  async closeSettled(now: number): Promise<void> {
    this.#cache.evict(await this.#store.due.closeSettled(now));
  }

  /** Claims calls that are due. No other replica judges them until they are handed back. */
  async claim(now: number, limit: number): Promise<ClaimedCall[]> {
    const { due, loader } = this.#store;
    const claimed = await due.claim(now, limit);
    if (claimed.length === 0) return [];
    const callIds = claimed.map(({ callId }) => callId);
    // Looked up before loading, because a loaded call may evict another one of these.
    const cached = new Map(claimed.map((one) => [one.callId, this.#cache.get(one)]));
    const loaded = await loader.load(callIds.filter((callId) => !cached.get(callId)));
    const sideOf = await this.#liveKitSides(callIds);
    const calls: ClaimedCall[] = [];
    for (const due of claimed) {
      await pause();
      const liveKit = sideOf(due.callId);
      const found = loaded.get(due.callId);
      const loadedEvents = this.#shifts.apply(found?.events ?? [], now);
      const call = cached.get(due.callId) ?? this.#cache.add({ ...due, ...found }, { events: loadedEvents });
      liveKit.setLegs(call.id, call.attempts);
      calls.push({ due, call, liveKit });
    }
    for (const { due, call, liveKit } of calls) {
      await this.#addRivals(call, liveKit);
      const found = loaded.get(due.callId);
      if (found) call.restoreVerdicts(found, due.isJudged, liveKit.joinsOf(call.id));
    }
    return calls;
  }

  /** What LiveKit reported of the rooms of each call. Calls in the same rooms share it: a room may have hundreds. */
  async #liveKitSides(callIds: readonly string[]): Promise<(callId: string) => LiveKitSide> {
    const { loader } = this.#store;
    const [roomsOf, lastWebhookAt] = [await loader.roomsOf(callIds), await loader.lastLiveKitWebhookAt()];
    const events = await loader.eventsOfRooms([...new Set([...roomsOf.values()].flat())].sort());
    const sides = new Map<string, LiveKitSide>();
    return (callId) => {
      const rooms = roomsOf.get(callId) ?? [];
      const key = rooms.length === 0 ? callId : JSON.stringify(rooms);
      const known = sides.get(key);
      if (known) return known;
      const side = new LiveKitSide();
      if (lastWebhookAt !== undefined) side.noteReport(lastWebhookAt);
      for (const event of rooms.flatMap((room) => events.get(room) ?? [])) side.note(event);
      sides.set(key, side);
      return side;
    };
  }

  /** Saves verdicts and hands the calls back, all or none. Rejects if the store fails. */
  async handBack(judged: readonly Judged[], now: number): Promise<SavedAttempts> {
    try {
      const saved = await this.#store.due.handBack(judged);
      this.#cache.evict(judged.filter(({ dueAt, hasFailed }) => dueAt === undefined || hasFailed).map(idOf));
      const isResting = ({ isSettled, dueAt = now }: Judged) => isSettled || dueAt > now + SOON_MS;
      this.#cache.rest(judged.filter(isResting).map(idOf));
      // Another replica took these over, so the verdicts in memory were not saved.
      this.#cache.evict(saved.takenOver);
      return saved;
    } catch (error) {
      // In memory these calls count as judged, but their verdicts may not have been saved.
      this.#cache.evict(judged.map(idOf));
      throw error;
    }
  }

  /** Gives claimed calls back without a verdict. */
  giveBack(claimed: readonly ClaimedCall[]): Promise<void> {
    return this.#store.due.release(claimed.map(({ due }) => due.callId));
  }

  /** Finds which new attempts, or which of their ends, were saved, if the answer to handing their calls back was lost. */
  findSaved(
    judged: readonly Judged[],
    attempts: readonly StoredAttempt[],
    saved: 'attempt' | 'end',
  ): Promise<readonly StoredAttempt[]> {
    return this.#store.due.findSaved(judged, attempts, saved);
  }

  /** Re-evaluates calls whose verdicts are affected by verdicts on other calls. */
  async reconsiderAffected(now: number): Promise<void> {
    const affected = this.#diagnoser.takeAffected();
    if (affected.size > 0) await this.#store.due.reconsider([...affected], now);
  }

  /** Adds the legs of other calls that compete for the same participants, if only numbers and time can join them. */
  async #addRivals(call: OpenCall, liveKit: LiveKitSide): Promise<void> {
    const joins = call.attempts.map(liveKit.joinsOf(call.id));
    if (!joins.some((join) => join.kind === 'ambiguous' || (join.kind === 'joined' && join.by === 'numbers'))) return;
    const rivals = await this.#store.loader.rivalsOf(call.id, liveKit.sipCallIds);
    for (const [rival, events] of rivals) liveKit.setLegs(rival, new OpenCall(rival, events).attempts);
  }
}

function idOf({ call }: Judged): string {
  return call.callId;
}
