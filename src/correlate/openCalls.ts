import { type Attempt, addEvent, attemptsOf, type Call, newCall } from '../call/call.ts';
import { type CallEvent, callIdOf } from '../call/event.ts';
import { Deadlines } from './deadlines.ts';
import type { LiveKitSide } from './liveKitSide.ts';
import { settlesAt } from './settle.ts';

/** How long, in milliseconds after its last webhook, a settled call is kept at hand for late ones. */
const LINGER_MS = 60_000;

interface OpenCall {
  readonly call: Call;
  /** Attempts with a verdict; a later webhook of the call takes them out again. */
  readonly settled: Set<string>;
  /** Whether an attempt has no verdict yet; as of the last time that the call was scheduled. */
  isWaiting: boolean;
  lastReceivedAt: number;
}

/** The calls that are not over, or only just, and when each of them is to be looked at again. */
export class OpenCalls {
  readonly #liveKit: LiveKitSide;
  readonly #open = new Map<string, OpenCall>();
  readonly #deadlines = new Deadlines();
  readonly #finished: string[] = [];

  /** `liveKit` is told which legs there are to join participants to. */
  constructor(liveKit: LiveKitSide) {
    this.#liveKit = liveKit;
  }

  get size(): number {
    return this.#open.size;
  }

  has(callId: string): boolean {
    return this.#open.has(callId);
  }

  /** Adds one event to its call. What a late webhook adds may change the verdict of any leg of the call. */
  add(event: CallEvent): void {
    const open = this.#openCall(callIdOf(event));
    put(open, event);
    open.settled.clear();
    this.#schedule(open);
  }

  /** Takes up a call from its recorded events; `settled` are the attempts that already have their verdict. */
  restore(callId: string, events: readonly CallEvent[], settled: Iterable<string>): void {
    const open = this.#openCall(callId);
    for (const event of events) put(open, event);
    for (const callSid of settled) open.settled.add(callSid);
    this.#schedule(open);
    const judged = attemptsOf(open.call).filter(({ callSid }) => open.settled.has(callSid));
    for (const attempt of judged) this.#liveKit.setCounted(callId, attempt);
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

  /** Hands over each attempt that is over by `now`, and then lets go of calls of which nothing more is expected. */
  settle(now: number, judge: (callId: string, attempt: Attempt) => void): void {
    for (const callId of this.#deadlines.takeDue(now)) {
      const open = this.#open.get(callId);
      if (!open) continue;
      for (const attempt of attemptsOf(open.call)) {
        if (open.settled.has(attempt.callSid) || settlesAt(attempt) > now) continue;
        open.settled.add(attempt.callSid);
        judge(callId, attempt);
      }
      this.#schedule(open);
      if (!open.isWaiting && now >= doneAt(open)) this.#forget(callId);
    }
  }

  /** The calls that were let go of since this was last asked. */
  takeFinished(): string[] {
    return this.#finished.splice(0);
  }

  #openCall(callId: string): OpenCall {
    let open = this.#open.get(callId);
    if (!open) {
      open = { call: newCall(callId), settled: new Set(), isWaiting: true, lastReceivedAt: 0 };
      this.#open.set(callId, open);
    }
    return open;
  }

  #schedule(open: OpenCall): void {
    const attempts = attemptsOf(open.call);
    this.#liveKit.setLegs(open.call.id, attempts);
    const waiting = attempts.filter(({ callSid }) => !open.settled.has(callSid));
    open.isWaiting = waiting.length > 0;
    this.#deadlines.set(open.call.id, open.isWaiting ? Math.min(...waiting.map(settlesAt)) : doneAt(open));
  }

  #forget(callId: string): void {
    this.#open.delete(callId);
    this.#deadlines.delete(callId);
    this.#liveKit.deleteLegs(callId);
    this.#finished.push(callId);
  }
}

function put(open: OpenCall, event: CallEvent): void {
  addEvent(open.call, event);
  open.lastReceivedAt = Math.max(open.lastReceivedAt, event.receivedAt);
}

function doneAt({ lastReceivedAt }: OpenCall): number {
  return lastReceivedAt + LINGER_MS;
}
