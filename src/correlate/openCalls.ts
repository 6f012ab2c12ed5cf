import { type Attempt, addEvent, attemptsOf, type Call, groundsOf, newCall } from '../call/call.ts';
import { type CallEvent, callIdOf } from '../call/event.ts';
import { Deadlines } from './deadlines.ts';
import type { LiveKitSide } from './liveKitSide.ts';
import { settlesAt } from './settle.ts';

/** How long, in milliseconds after its last webhook, a settled call is kept at hand for late ones. */
const LINGER_MS = 60_000;
/** Some 100 MB. */
const CALLS_AT_HAND = 50_000;
/** As many calls are looked at in one turn: webhooks come in between. */
const SETTLED_AT_ONCE = 500;

interface OpenCall {
  readonly call: Call;
  /** What the verdicts on its attempts rest on, by their ids. Where that is something else now, they are due again. */
  readonly settled: Map<string, readonly unknown[]>;
  /** Whether an attempt has no verdict yet; as of the last time that the call was scheduled. */
  isWaiting: boolean;
  lastReceivedAt: number;
}

/** The calls at hand that are not over, or only just, and when each of them is to be looked at again. */
export class OpenCalls {
  /** As many are kept; past that those of which nothing was heard for the longest are let go of. */
  readonly atHand: number;
  readonly #liveKit: LiveKitSide;
  /** In the order of their latest webhooks. */
  readonly #open = new Map<string, OpenCall>();
  readonly #deadlines = new Deadlines();
  readonly #finished: string[] = [];
  #hasParked = false;

  /** `liveKit` is told which legs there are to join participants to. */
  constructor(liveKit: LiveKitSide, atHand = CALLS_AT_HAND) {
    this.#liveKit = liveKit;
    this.atHand = atHand;
  }

  get size(): number {
    return this.#open.size;
  }

  has(callId: string): boolean {
    return this.#open.has(callId);
  }

  /** Adds one event to its call. */
  add(event: CallEvent): void {
    const open = this.#openCall(callIdOf(event));
    put(open, event);
    this.#schedule(open);
    this.#park();
  }

  /** Takes up a call from its recorded events; `settled` are the legs that already have their verdict, by call_sid. */
  restore(callId: string, events: readonly CallEvent[], settled: Iterable<string>): void {
    const open = this.#openCall(callId);
    for (const event of events) put(open, event);
    const attempts = attemptsOf(open.call);
    this.#liveKit.setLegs(callId, attempts);
    const judged = new Set(settled);
    for (const attempt of attempts.filter(({ callSid }) => judged.has(callSid))) {
      open.settled.set(attempt.id, this.#groundsOf(open, attempt));
      this.#liveKit.setCounted(callId, attempt);
    }
    this.#schedule(open);
    this.#park();
  }

  /** Has every attempt of a call judged again. */
  reconsider(callId: string): void {
    const open = this.#open.get(callId);
    if (!open) return;
    open.settled.clear();
    this.#schedule(open);
  }

  /** Has every call judged again of which a webhook came after a time, in epoch milliseconds. */
  reconsiderSince(at: number): void {
    for (const [callId, { lastReceivedAt }] of this.#open) if (lastReceivedAt > at) this.reconsider(callId);
  }

  /** When, in epoch milliseconds, something is due if nothing more arrives; `undefined` when never. */
  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  /**
   * Hands over each attempt that is over by `now`, and then lets go of calls of which nothing more is expected. Of very
   * many that are due some are left for the next time.
   */
  settle(now: number, judge: (callId: string, attempt: Attempt) => void): void {
    for (const callId of this.#deadlines.takeDue(now, SETTLED_AT_ONCE)) {
      const open = this.#open.get(callId);
      if (!open) continue;
      for (const attempt of attemptsOf(open.call)) {
        if (this.#isSettled(open, attempt) || settlesAt(attempt) > now) continue;
        open.settled.set(attempt.id, this.#groundsOf(open, attempt));
        judge(callId, attempt);
      }
      this.#schedule(open);
      if (!open.isWaiting && now >= doneAt(open)) this.#forget(callId);
    }
  }

  /** The calls of which nothing more is expected that were let go of since this was last asked. */
  takeFinished(): string[] {
    return this.#finished.splice(0);
  }

  /** Whether calls were let go of before their end since this was last asked; they are to be restored when it is time. */
  takeHasParked(): boolean {
    const hasParked = this.#hasParked;
    this.#hasParked = false;
    return hasParked;
  }

  #openCall(callId: string): OpenCall {
    const known = this.#open.get(callId);
    const open = known ?? { call: newCall(callId), settled: new Map(), isWaiting: true, lastReceivedAt: 0 };
    if (known) this.#open.delete(callId);
    this.#open.set(callId, open);
    return open;
  }

  #park(): void {
    for (const callId of this.#open.keys()) {
      if (this.#open.size <= this.atHand) return;
      this.#letGo(callId);
      this.#hasParked = true;
    }
  }

  #schedule(open: OpenCall): void {
    const attempts = attemptsOf(open.call);
    this.#liveKit.setLegs(open.call.id, attempts);
    const waiting = attempts.filter((attempt) => !this.#isSettled(open, attempt));
    open.isWaiting = waiting.length > 0;
    this.#deadlines.set(open.call.id, open.isWaiting ? Math.min(...waiting.map(settlesAt)) : doneAt(open));
  }

  #isSettled(open: OpenCall, attempt: Attempt): boolean {
    const then = open.settled.get(attempt.id);
    return then !== undefined && this.#groundsOf(open, attempt, then).every((ground, i) => ground === then[i]);
  }

  /** Which participant of LiveKit is a leg's may be told by a webhook of another leg. That a room was forgotten is no news. */
  #groundsOf({ call }: OpenCall, attempt: Attempt, then?: readonly unknown[]): readonly unknown[] {
    const join = this.#liveKit.joinOf(call.id, attempt);
    const own = groundsOf(attempt);
    if (join.kind === 'none' && then) return [...own, ...then.slice(own.length)];
    return [
      ...own,
      join.kind === 'joined' ? join.sip : join.kind === 'ambiguous' ? join.participants.length : undefined,
    ];
  }

  #forget(callId: string): void {
    this.#letGo(callId);
    this.#finished.push(callId);
  }

  #letGo(callId: string): void {
    this.#open.delete(callId);
    this.#deadlines.delete(callId);
    this.#liveKit.deleteLegs(callId);
  }
}

function put(open: OpenCall, event: CallEvent): void {
  addEvent(open.call, event);
  open.lastReceivedAt = Math.max(open.lastReceivedAt, event.receivedAt);
}

function doneAt({ lastReceivedAt }: OpenCall): number {
  return lastReceivedAt + LINGER_MS;
}
