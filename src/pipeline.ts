import type { Attempt } from './call/call.ts';
import type { CallEvent } from './call/event.ts';
import type { LiveKitEvent } from './call/livekitEvent.ts';
import type { Join } from './correlate/join.ts';
import { LiveKitSide } from './correlate/liveKitSide.ts';
import { OpenCalls } from './correlate/openCalls.ts';
import { AttemptDiagnoser, type ConfigurationThroughTime, type Diagnosed } from './diagnose/attempts.ts';
import { type Heard, heardOf } from './diagnose/heard.ts';
import type { JudgedAttempt } from './diagnose/recentAttempts.ts';
import type { Site } from './diagnose/site.ts';

/** An attempt that is over, and why it ended as it did. */
export interface Verdict extends Diagnosed {
  readonly callId: string;
  readonly attempt: Attempt;
  /** LiveKit's participant of the attempt, and what LiveKit's webhooks say of it. */
  readonly join: Join;
  readonly heard: Heard;
  /** Epoch milliseconds. */
  readonly settledAt: number;
}

/**
 * The whole way of a call: webhooks are added to their call, each of its attempts is settled once nothing more can
 * come, joined to LiveKit's participant, and diagnosed by the configuration of its own time.
 *
 * Synchronous, without a clock: `now` is given, and `nextDeadline` says when to come back.
 */
export class Pipeline {
  readonly liveKit = new LiveKitSide();
  readonly #calls;
  readonly #diagnoser: AttemptDiagnoser;
  #stirred: ReadonlySet<string> = new Set();

  /**
   * Several pipelines may share a diagnoser, and with it the memory of how calls on each trunk ended. `callsAtHand` is
   * how many are kept in memory.
   */
  constructor(
    site: Site,
    configurationAt: ConfigurationThroughTime['at'],
    changesUpTo: ConfigurationThroughTime['changesUpTo'] = () => [],
    diagnoser = new AttemptDiagnoser(site, { at: configurationAt, changesUpTo }),
    callsAtHand?: number,
  ) {
    this.#diagnoser = diagnoser;
    this.#calls = new OpenCalls(this.liveKit, callsAtHand);
  }

  /** How many calls are kept in memory. */
  get callsAtHand(): number {
    return this.#calls.atHand;
  }

  get openCalls(): number {
    return this.#calls.size;
  }

  /** Whether the call is at hand; if not, its earlier events must be given to `restore` before the next `accept`. */
  has(callId: string): boolean {
    return this.#calls.has(callId);
  }

  /**
   * Takes up a call again from its recorded events, and those of LiveKit's rooms that it was in. `settled` holds the
   * call_sids of the legs that already have their verdict.
   */
  restore(
    callId: string,
    events: readonly CallEvent[],
    settled: Iterable<string>,
    liveKitEvents: readonly LiveKitEvent[] = [],
  ): void {
    for (const event of liveKitEvents) this.liveKit.add(event);
    this.#calls.restore(callId, events, settled);
  }

  /** Adds one webhook of Jambonz's to its call. */
  accept(event: CallEvent): void {
    this.#calls.add(event);
  }

  /** Adds a webhook of LiveKit's, and has the calls judged again of which it may change what is said. */
  acceptLiveKit(event: LiveKitEvent): void {
    for (const callId of this.liveKit.add(event)) this.#calls.reconsider(callId);
  }

  /** Takes note of attempts that were judged elsewhere; gives the calls of which that says something else. */
  learn(attempts: readonly JudgedAttempt[]): ReadonlySet<string> {
    this.#diagnoser.learn(attempts);
    return this.#stir();
  }

  /** Has every attempt of a call judged again. */
  reconsider(callId: string): void {
    this.#calls.reconsider(callId);
  }

  /** Has every call judged again of which a webhook came after a time: more is known of the configuration now. */
  reconsiderSince(at: number): void {
    this.#calls.reconsiderSince(at);
  }

  /** When, in epoch milliseconds, `settle` has something to do if nothing more arrives; `undefined` when never. */
  nextDeadline(): number | undefined {
    return this.#calls.nextDeadline();
  }

  /** The verdicts that are due by `now`. An attempt comes again when what its verdict rests on is something else. */
  settle(now: number): Verdict[] {
    const verdicts: Verdict[] = [];
    this.#calls.settle(now, (callId, attempt) => verdicts.push(this.#judge(callId, attempt, now)));
    // What others did since may change what is said of a call that was judged before them.
    this.#stirred = this.#stir();
    this.liveKit.forget(now);
    return verdicts;
  }

  /** The calls of which something else may be said since the verdicts that `settle` gave last, also those not at hand. */
  get stirred(): ReadonlySet<string> {
    return this.#stirred;
  }

  /** The calls of which nothing more is expected since this was last asked. */
  takeFinished(): string[] {
    return this.#calls.takeFinished();
  }

  /** Whether calls were let go of before their end since this was last asked; they are to be restored when it is time. */
  takeHasParked(): boolean {
    return this.#calls.takeHasParked();
  }

  #stir(): Set<string> {
    const stirred = this.#diagnoser.takeStirred();
    for (const callId of stirred) this.#calls.reconsider(callId);
    return stirred;
  }

  #judge(callId: string, attempt: Attempt, now: number): Verdict {
    const join = this.liveKit.joinOf(callId, attempt);
    this.liveKit.count(join);
    const heard = heardOf(join, attempt, this.liveKit.isHearing(attempt.leg?.first.at ?? now));
    return { callId, attempt, join, heard, ...this.#diagnoser.diagnose(callId, attempt, now, heard), settledAt: now };
  }
}
