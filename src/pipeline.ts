import { type Attempt, addEvent, attemptsOf, type Call, newCall } from './call/call.ts';
import { type CallEvent, callIdOf } from './call/event.ts';
import { Deadlines } from './correlate/deadlines.ts';
import { settlesAt } from './correlate/settle.ts';
import { diagnose } from './diagnose/diagnose.ts';
import type { Diagnosis } from './diagnose/diagnosis.ts';
import { gatherFacts, type KnownConfiguration } from './diagnose/facts.ts';
import { proveFixes } from './diagnose/prove.ts';
import type { Site } from './diagnose/site.ts';

/** An attempt that is over, and why it ended as it did. */
export interface Verdict {
  readonly callId: string;
  readonly attempt: Attempt;
  readonly diagnosis: Diagnosis;
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
 * come, and a settled attempt is diagnosed by the configuration of its own time.
 *
 * Synchronous, without a clock: `now` is given, and `nextDeadline` says when to come back.
 */
export class Pipeline {
  readonly #site: Site;
  readonly #configurationAt: (at: number) => KnownConfiguration | undefined;
  readonly #open = new Map<string, OpenCall>();
  readonly #deadlines = new Deadlines();
  readonly #finished: string[] = [];

  /** `configurationAt` gives LiveKit's configuration as it was known at a time in epoch milliseconds. */
  constructor(site: Site, configurationAt: (at: number) => KnownConfiguration | undefined) {
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

  /** Takes up a call again from its recorded events. `settled` holds the attempts that already have their verdict. */
  restore(callId: string, events: readonly CallEvent[], settled: Iterable<string>): void {
    const open = this.#openCall(callId);
    for (const event of events) {
      addEvent(open.call, event);
      open.lastReceivedAt = Math.max(open.lastReceivedAt, event.receivedAt);
    }
    for (const callSid of settled) open.settled.add(callSid);
    this.#schedule(open);
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
        verdicts.push({ callId, attempt, diagnosis: this.diagnose(attempt, now), settledAt: now });
      }
      this.#schedule(open);
      if (now >= this.#doneAt(open)) this.#forget(callId);
    }
    return verdicts;
  }

  /** Facts into ranked causes, and their fixes tried on the configuration of the call's time. */
  diagnose(attempt: Attempt, now: number): Diagnosis {
    const startedAt = attempt.leg?.first.at ?? attempt.dialResult?.at ?? now;
    const configuration = this.#configurationAt(startedAt);
    const facts = gatherFacts(this.#site, attempt, configuration, now);
    const diagnosis = diagnose(facts);
    if (!configuration || !facts.match) return diagnosis;
    return { ...diagnosis, fixes: proveFixes(diagnosis.fixes, configuration.snapshot, facts.match.call) };
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
    const waiting = attemptsOf(open.call).filter((attempt) => !open.settled.has(attempt.callSid));
    this.#deadlines.set(open.call.id, waiting.length > 0 ? Math.min(...waiting.map(settlesAt)) : this.#doneAt(open));
  }

  #doneAt(open: OpenCall): number {
    const isWaiting = attemptsOf(open.call).some((attempt) => !open.settled.has(attempt.callSid));
    return isWaiting ? Number.POSITIVE_INFINITY : open.lastReceivedAt + LINGER_MS;
  }

  #forget(callId: string): void {
    this.#open.delete(callId);
    this.#deadlines.delete(callId);
    this.#finished.push(callId);
  }
}
