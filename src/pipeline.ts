import { type Attempt, addEvent, attemptsOf, type Call, newCall } from './call/call.ts';
import { type CallEvent, callIdOf } from './call/event.ts';
import type { LiveKitEvent } from './call/livekitEvent.ts';
import { Deadlines } from './correlate/deadlines.ts';
import type { Join } from './correlate/join.ts';
import { LiveKitSide } from './correlate/liveKitSide.ts';
import { settlesAt } from './correlate/settle.ts';
import { agreeingFacts } from './diagnose/agreeing.ts';
import { changeBefore } from './diagnose/change.ts';
import { diagnose } from './diagnose/diagnose.ts';
import type { Diagnosis } from './diagnose/diagnosis.ts';
import type { Facts, KnownConfiguration } from './diagnose/facts.ts';
import { FirstFailures } from './diagnose/firstFailures.ts';
import { type Heard, heardOf } from './diagnose/heard.ts';
import { proveFixes } from './diagnose/prove.ts';
import type { Site } from './diagnose/site.ts';
import { withChange } from './diagnose/withChange.ts';
import type { Snapshot } from './trunks/snapshot.ts';
import type { SeenChange } from './trunks/version.ts';

/** An attempt that is over, and why it ended as it did. */
export interface Verdict {
  readonly callId: string;
  readonly attempt: Attempt;
  readonly diagnosis: Diagnosis;
  /** LiveKit's participant of the attempt, and what LiveKit's webhooks say of it. */
  readonly join: Join;
  readonly heard: Heard;
  /** Epoch milliseconds. */
  readonly settledAt: number;
}

/** How long, in milliseconds after its last webhook, a settled call is kept at hand for late ones. */
const LINGER_MS = 60_000;

interface OpenCall {
  readonly call: Call;
  /** Attempts with a verdict; a later webhook of the attempt takes it out again. */
  readonly settled: Set<string>;
  lastReceivedAt: number;
}

/**
 * The whole way of a call: webhooks are added to their call, each of its attempts is settled once nothing more can
 * come, and a settled attempt is diagnosed by what LiveKit's webhooks say of it and by the configuration of its own
 * time.
 *
 * Synchronous, without a clock: `now` is given, and `nextDeadline` says when to come back.
 */
export class Pipeline {
  readonly liveKit = new LiveKitSide();
  readonly #site: Site;
  readonly #configurationAt: (at: number) => KnownConfiguration | undefined;
  readonly #changesUpTo: (snapshot: Snapshot, at: number) => readonly SeenChange[];
  readonly #firstFailures = new FirstFailures();
  readonly #open = new Map<string, OpenCall>();
  readonly #deadlines = new Deadlines();
  readonly #finished: string[] = [];

  /**
   * `configurationAt` gives LiveKit's configuration as it was known at a time in epoch milliseconds; `changesUpTo` the
   * changes shortly before a time that led to one that it gave, the latest first.
   */
  constructor(
    site: Site,
    configurationAt: (at: number) => KnownConfiguration | undefined,
    changesUpTo: (snapshot: Snapshot, at: number) => readonly SeenChange[] = () => [],
  ) {
    this.#changesUpTo = changesUpTo;
    this.#site = site;
    this.#configurationAt = configurationAt;
  }

  get openCalls(): number {
    return this.#open.size;
  }

  /** Whether the call is at hand; if not, its earlier events must be given to `restore` before the next `accept`. */
  has(callId: string): boolean {
    return this.#open.has(callId);
  }

  /**
   * Takes up a call again from its recorded events, and those of LiveKit's rooms that it was in. `settled` holds the
   * attempts that already have their verdict.
   */
  restore(
    callId: string,
    events: readonly CallEvent[],
    settled: Iterable<string>,
    liveKitEvents: readonly LiveKitEvent[] = [],
  ): void {
    for (const event of liveKitEvents) this.liveKit.add(event);
    const open = this.#openCall(callId);
    for (const event of events) {
      addEvent(open.call, event);
      open.lastReceivedAt = Math.max(open.lastReceivedAt, event.receivedAt);
    }
    for (const callSid of settled) open.settled.add(callSid);
    this.#schedule(open);
    const judged = attemptsOf(open.call).filter(({ callSid }) => open.settled.has(callSid));
    for (const attempt of judged) this.liveKit.setCounted(callId, attempt);
  }

  /** Adds a webhook of LiveKit's, and has the calls judged again of which it may change what is said. */
  acceptLiveKit(event: LiveKitEvent): void {
    for (const callId of this.liveKit.add(event)) this.reconsider(callId);
  }

  /** Adds one event to its call. */
  accept(event: CallEvent): void {
    const open = this.#openCall(callIdOf(event));
    addEvent(open.call, event);
    open.lastReceivedAt = Math.max(open.lastReceivedAt, event.receivedAt);
    // What a late webhook adds may change the verdict of any leg of the call.
    open.settled.clear();
    this.#schedule(open);
  }

  /** Has every attempt of a call judged again, as after a late webhook. */
  reconsider(callId: string): void {
    const open = this.#open.get(callId);
    if (!open) return;
    open.settled.clear();
    this.#schedule(open);
  }

  /** Has every call judged again of which a webhook came after a time: more is known of the configuration now. */
  reconsiderSince(at: number): void {
    for (const [callId, { lastReceivedAt }] of this.#open) if (lastReceivedAt > at) this.reconsider(callId);
  }

  /** The calls of which nothing more is expected since this was last asked. */
  takeFinished(): string[] {
    return this.#finished.splice(0);
  }

  /** When, in epoch milliseconds, `settle` has something to do if nothing more arrives; `undefined` when never. */
  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  /** The verdicts that are due by `now`. An attempt comes again when a late webhook of its call has arrived. */
  settle(now: number): Verdict[] {
    const verdicts: Verdict[] = [];
    for (const callId of this.#deadlines.takeDue(now)) {
      const open = this.#open.get(callId);
      if (!open) continue;
      for (const attempt of attemptsOf(open.call)) {
        if (open.settled.has(attempt.callSid) || settlesAt(attempt) > now) continue;
        open.settled.add(attempt.callSid);
        verdicts.push(this.#judge(callId, attempt, now));
      }
      this.#schedule(open);
      if (now >= this.#doneAt(open)) this.#forget(callId);
    }
    this.liveKit.forget(now);
    return verdicts;
  }

  #judge(callId: string, attempt: Attempt, now: number): Verdict {
    const join = this.liveKit.joinOf(callId, attempt);
    this.liveKit.count(join);
    const heard = heardOf(join, attempt, this.liveKit.isHearing(attempt.leg?.first.at ?? now));
    return { callId, attempt, join, heard, diagnosis: this.diagnose(attempt, now, heard), settledAt: now };
  }

  /** Facts into ranked causes, and their fixes tried on the configuration of the call's time. */
  diagnose(attempt: Attempt, now: number, heard?: Heard): Diagnosis {
    const startedAt = attempt.leg?.first.at ?? attempt.dialResult?.at ?? now;
    const known = this.#configurationAt(startedAt);
    const { facts, configuration, isInferred } = agreeingFacts(this.#site, attempt, known, now, heard);
    let diagnosis = diagnose(facts);
    if (isInferred && diagnosis.confidence === 'certain') diagnosis = { ...diagnosis, confidence: 'likely' };
    if (!configuration || !facts.match) return diagnosis;
    const fixes = proveFixes(diagnosis.fixes, configuration.snapshot, facts.match.call);
    return this.#nameChange({ ...diagnosis, fixes }, facts.match, configuration.snapshot, attempt.callSid, startedAt);
  }

  #nameChange(
    diagnosis: Diagnosis,
    match: NonNullable<Facts['match']>,
    snapshot: Snapshot,
    callSid: string,
    startedAt: number,
  ): Diagnosis {
    const { outcome, blocking } = diagnosis;
    const change =
      outcome === 'failed' ? changeBefore(blocking, match, this.#changesUpTo(snapshot, startedAt)) : undefined;
    const trunk = change?.trunk ?? diagnosis.trunk;
    if (outcome !== 'not_counted') this.#firstFailures.note(trunk, callSid, startedAt, outcome === 'connected');
    return change ? withChange(diagnosis, change, startedAt, this.#firstFailures.after(change, trunk)) : diagnosis;
  }

  #openCall(callId: string): OpenCall {
    let open = this.#open.get(callId);
    if (!open) {
      open = { call: newCall(callId), settled: new Set(), lastReceivedAt: 0 };
      this.#open.set(callId, open);
    }
    return open;
  }

  #schedule(open: OpenCall): void {
    const attempts = attemptsOf(open.call);
    this.liveKit.setLegs(open.call.id, attempts);
    const waiting = attempts.filter((attempt) => !open.settled.has(attempt.callSid));
    this.#deadlines.set(open.call.id, waiting.length > 0 ? Math.min(...waiting.map(settlesAt)) : this.#doneAt(open));
  }

  #doneAt(open: OpenCall): number {
    const isWaiting = attemptsOf(open.call).some((attempt) => !open.settled.has(attempt.callSid));
    return isWaiting ? Number.POSITIVE_INFINITY : open.lastReceivedAt + LINGER_MS;
  }

  #forget(callId: string): void {
    this.#open.delete(callId);
    this.#deadlines.delete(callId);
    this.liveKit.deleteLegs(callId);
    this.#finished.push(callId);
  }
}
