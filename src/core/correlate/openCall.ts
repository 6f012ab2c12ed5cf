import { type Attempt, addEvent, attemptsOf, type Call, newCall, verdictInputs } from '../call/call.ts';
import type { CallEvent } from '../call/callEvent.ts';
import type { Join } from './join.ts';
import { settlesAt } from './settle.ts';

/** How long, in milliseconds after its last webhook, a settled call stays open for late ones. */
const LINGER_MS = 60_000;

/** Which participant of LiveKit is the far end of an attempt. */
type JoinOf = (attempt: Attempt) => Join;

/** A call that is not over, or only just: what is known of it, and on what its verdicts rest. */
export class OpenCall {
  readonly id: string;
  readonly #call: Call;
  /** Attempts of which a verdict was given at any time. */
  readonly #kept = new Set<string>();
  /** The inputs of each verdict, by attempt. Where they are others now, the attempt is due again. */
  readonly #judged = new Map<string, readonly unknown[]>();
  #attempts: readonly Attempt[] | undefined;
  #lastReceivedAt = 0;

  constructor(id: string, events: Iterable<CallEvent> = []) {
    this.id = id;
    this.#call = newCall(id);
    for (const event of events) this.add(event);
  }

  add(event: CallEvent): void {
    addEvent(this.#call, event);
    this.#attempts = undefined;
    this.#lastReceivedAt = Math.max(this.#lastReceivedAt, event.receivedAt);
  }

  get attempts(): readonly Attempt[] {
    this.#attempts ??= attemptsOf(this.#call);
    return this.#attempts;
  }

  get lastReceivedAt(): number {
    return this.#lastReceivedAt;
  }

  /** Notes which attempts have a verdict, and whether it rests on all that is known. */
  restoreVerdicts(attempts: Iterable<string>, isCurrent: boolean, joinOf: JoinOf): void {
    for (const id of attempts) this.#kept.add(id);
    if (!isCurrent) return;
    for (const attempt of this.attempts) {
      if (this.#kept.has(attempt.id)) this.#judged.set(attempt.id, inputsOf(attempt, joinOf(attempt)));
    }
  }

  /** Whether a verdict was given of an attempt before the latest `takeDue`. */
  hasVerdict(attempt: string): boolean {
    return this.#kept.has(attempt);
  }

  /** Notes that the verdicts of the latest `takeDue` were given. */
  addVerdicts(attempts: Iterable<string>): void {
    for (const id of attempts) this.#kept.add(id);
  }

  /** Has every attempt judged again. */
  reconsider(): void {
    this.#judged.clear();
  }

  /** The attempts that are over by `now` and have no verdict that rests on all that is known. They have it from then on. */
  takeDue(now: number, joinOf: JoinOf): Attempt[] {
    const due = this.attempts.filter((attempt) => settlesAt(attempt) <= now && !this.#isJudged(attempt, joinOf));
    for (const attempt of due) this.#judged.set(attempt.id, inputsOf(attempt, joinOf(attempt)));
    return due;
  }

  /** When, in epoch milliseconds, it is to be looked at again if nothing more is heard. */
  nextAt(joinOf: JoinOf): number {
    const waiting = this.attempts.filter((attempt) => !this.#isJudged(attempt, joinOf));
    return waiting.length > 0 ? Math.min(...waiting.map(settlesAt)) : this.#lastReceivedAt + LINGER_MS;
  }

  /** Whether nothing more is expected of it. */
  isOver(now: number, joinOf: JoinOf): boolean {
    return this.attempts.every((attempt) => this.#isJudged(attempt, joinOf)) && this.nextAt(joinOf) <= now;
  }

  #isJudged(attempt: Attempt, joinOf: JoinOf): boolean {
    const then = this.#judged.get(attempt.id);
    return then !== undefined && inputsOf(attempt, joinOf(attempt), then).every((input, i) => input === then[i]);
  }
}

/** Which participant of LiveKit is a leg's may be told by a webhook of another leg. That one is not found any more is no news. */
function inputsOf(attempt: Attempt, join: Join, then?: readonly unknown[]): readonly unknown[] {
  const own = verdictInputs(attempt);
  if (join.kind === 'none' && then) return [...own, ...then.slice(own.length)];
  return [...own, keyOf(join)];
}

function keyOf(join: Join): string | number | undefined {
  if (join.kind === 'joined') return `${join.sip.room.key} ${join.sip.participant.key}`;
  return join.kind === 'ambiguous' ? join.participants.length : undefined;
}
