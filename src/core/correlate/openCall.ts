import { type Attempt, addEvent, attemptsOf, type Call, isAnswered, newCall, verdictInputs } from '../call/call.ts';
import type { CallEvent } from '../call/callEvent.ts';
import type { Join } from './join.ts';
import { endSettlesAt, settlesAt } from './settle.ts';

/** How long, in milliseconds after its last webhook, a settled call stays open for late ones. */
const LINGER_MS = 60_000;

/** Finds the LiveKit participant that is the far end of an attempt. */
type JoinOf = (attempt: Attempt) => Join;

/** The ids of attempts that have a verdict, and of those whose end has one. */
export interface KnownVerdicts {
  readonly judged: Iterable<string>;
  readonly ended?: Iterable<string>;
}

/** A call that is not over, or that ended only recently: its webhooks, and the inputs of its verdicts. */
export class OpenCall {
  readonly id: string;
  readonly #call: Call;
  /** The ids of attempts that ever had a verdict. */
  readonly #withVerdict = new Set<string>();
  /** The inputs of each verdict, by attempt. An attempt is due again when they change. */
  readonly #inputs = new Map<string, readonly unknown[]>();
  /** The ids of answered attempts whose settled end was judged, and of those for which the latest `takeDue` was first. */
  readonly #ended = new Set<string>();
  #firstEnds = new Set<string>();
  #attempts: readonly Attempt[] | undefined;
  #lastReceivedAt = 0;

  constructor(id: string, events: Iterable<CallEvent> = []) {
    this.id = id;
    this.#call = newCall(id);
    for (const event of events) this.add(event);
  }

  /** Returns whether the event was read; see `addEvent`. */
  add(event: CallEvent): boolean {
    const isRead = addEvent(this.#call, event);
    if (isRead) this.#attempts = undefined;
    this.#lastReceivedAt = Math.max(this.#lastReceivedAt, event.receivedAt);
    return isRead;
  }

  get attempts(): readonly Attempt[] {
    this.#attempts ??= attemptsOf(this.#call);
    return this.#attempts;
  }

  get lastReceivedAt(): number {
    return this.#lastReceivedAt;
  }

  /**
   * Restores which attempts have a verdict, and which of them have one on their end. `isCurrent`: the verdicts rest on
   * all that is known now.
   */
  restoreVerdicts({ judged, ended = [] }: KnownVerdicts, isCurrent: boolean, joinOf: JoinOf): void {
    for (const id of judged) this.#withVerdict.add(id);
    for (const id of ended) this.#ended.add(id);
    if (!isCurrent) return;
    for (const attempt of this.attempts) {
      if (this.#withVerdict.has(attempt.id)) this.#inputs.set(attempt.id, inputsOf(attempt, joinOf(attempt)));
    }
  }

  /** Whether an attempt had a verdict before the latest `takeDue`. */
  hasVerdict(attempt: string): boolean {
    return this.#withVerdict.has(attempt);
  }

  /** Whether the end of an attempt was judged: by the latest `takeDue`, or before. */
  hasEnded(attempt: string): boolean {
    return this.#ended.has(attempt);
  }

  /** Whether the latest `takeDue` was the first to judge the end of an attempt. */
  endsFirst(attempt: string): boolean {
    return this.#firstEnds.has(attempt);
  }

  /** Notes that these attempts have their verdicts from the latest `takeDue`. */
  addVerdicts(attempts: Iterable<string>): void {
    for (const id of attempts) this.#withVerdict.add(id);
  }

  /** Makes every attempt due again. */
  reconsider(): void {
    this.#inputs.clear();
  }

  /** Returns the attempts that are over by `now` and have no current verdict, and counts them as judged from then on. */
  takeDue(now: number, joinOf: JoinOf): Attempt[] {
    const due = this.attempts.filter(
      (attempt) => this.#dueAt(attempt, joinOf) <= now && !this.#isJudged(attempt, joinOf),
    );
    this.#firstEnds = new Set();
    for (const attempt of due) {
      this.#inputs.set(attempt.id, inputsOf(attempt, joinOf(attempt)));
      const endsAt = endOf(attempt, joinOf);
      if (endsAt === undefined || endsAt > now) continue;
      if (!this.#ended.has(attempt.id)) this.#firstEnds.add(attempt.id);
      this.#ended.add(attempt.id);
    }
    return due;
  }

  /** When, in epoch milliseconds, to look at the call again if no more webhooks arrive. */
  nextAt(joinOf: JoinOf): number {
    const waiting = this.attempts.filter((attempt) => !this.#isJudged(attempt, joinOf));
    return waiting.length > 0
      ? Math.min(...waiting.map((attempt) => this.#dueAt(attempt, joinOf)))
      : this.#lastReceivedAt + LINGER_MS;
  }

  /** Whether every attempt has a current verdict, so that the call is only open for late webhooks. */
  isSettled(joinOf: JoinOf): boolean {
    return this.attempts.every((attempt) => this.#isJudged(attempt, joinOf));
  }

  /** Whether every attempt has a current verdict and no late webhook is expected any more. */
  isOver(now: number, joinOf: JoinOf): boolean {
    return this.isSettled(joinOf) && this.nextAt(joinOf) <= now;
  }

  /**
   * When to judge an attempt, in epoch milliseconds. An answered one is judged at its answer, and again at its end: not
   * with each webhook of the end.
   */
  #dueAt(attempt: Attempt, joinOf: JoinOf): number {
    const settled = settlesAt(attempt);
    if (!this.#withVerdict.has(attempt.id) && !this.#inputs.has(attempt.id)) return settled;
    return Math.max(settled, endOf(attempt, joinOf) ?? 0);
  }

  #isJudged(attempt: Attempt, joinOf: JoinOf): boolean {
    const then = this.#inputs.get(attempt.id);
    if (!this.#ended.has(attempt.id) && endOf(attempt, joinOf) !== undefined) return false;
    return then !== undefined && inputsOf(attempt, joinOf(attempt), then).every((input, i) => input === then[i]);
  }
}

/** When the end of an attempt settles. A call may have hundreds of legs, and most of them are never answered. */
function endOf(attempt: Attempt, joinOf: JoinOf): number | undefined {
  return isAnswered(attempt) ? endSettlesAt(attempt, joinOf(attempt)) : undefined;
}

/**
 * The inputs of a verdict: those in the attempt itself, and the participant it is joined to, which a webhook of another
 * leg may change. Losing the participant changes nothing: the inputs then keep the one from `then`.
 */
function inputsOf(attempt: Attempt, join: Join, then?: readonly unknown[]): readonly unknown[] {
  const own = verdictInputs(attempt);
  if (join.kind === 'none' && then) return [...own, ...then.slice(own.length)];
  return [...own, keyOf(join)];
}

function keyOf(join: Join): string | number | undefined {
  if (join.kind === 'joined') return `${join.sip.room.key} ${join.sip.participant.key}`;
  return join.kind === 'ambiguous' ? join.participants.length : undefined;
}
