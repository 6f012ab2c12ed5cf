import { type Attempt, farEndCallId } from '../call/call.ts';
import { affectsVerdict, type LiveKitEvent, roomKeyOf, transfersKey } from '../call/livekitEvent.ts';
import type { Room, Transfer } from '../call/room.ts';
import { candidateLegs, type Join, join } from './join.ts';
import { knownLeg, Legs } from './legs.ts';
import { Rooms } from './rooms.ts';

/** LiveKit counts as reporting for this long, in milliseconds, after its latest webhook. */
const REPORTING_MS = 3_600_000;

/** Finds which LiveKit participant is the far end of which leg. */
export class LiveKitSide {
  readonly #rooms = new Rooms();
  readonly #legs = new Legs();
  #lastReportAt = Number.NEGATIVE_INFINITY;

  /** Adds a webhook whose calls need not be known. */
  note(event: LiveKitEvent): Room | undefined {
    // An agent's report doesn't show that LiveKit's webhooks arrive.
    if (!event.transfer) this.noteReport(event.receivedAt);
    return this.#rooms.add(event);
  }

  /** Adds a webhook. Returns the ids of the calls in memory whose verdicts it may change. */
  add(event: LiveKitEvent): Set<string> {
    const room = this.note(event);
    if (!room || !affectsVerdict(event)) return new Set();
    const legs = event.transfer
      ? this.#legs.withCallId(event.transfer.sipCallId)
      : this.#rooms.sipOf(room).flatMap((sip) => candidateLegs(sip, this.#legs, this.#rooms));
    return new Set(legs.map(({ callId }) => callId));
  }

  /** Notes the arrival of a LiveKit webhook, in epoch milliseconds, even if the webhook is not added. */
  noteReport(receivedAt: number): void {
    this.#lastReportAt = Math.max(this.#lastReportAt, receivedAt);
  }

  /** The SIP Call-IDs in the event's room, whose calls the event may affect; empty if it cannot change a verdict. */
  callIdsInRoomOf(event: LiveKitEvent): Set<string> {
    if (event.transfer) return new Set([event.transfer.sipCallId]);
    const room = affectsVerdict(event) ? this.#rooms.get(roomKeyOf(event)) : undefined;
    const callIds = room ? this.#rooms.sipOf(room).map(({ participant }) => participant.sip?.callIdFull) : [];
    return new Set(callIds.filter((callId) => callId !== undefined));
  }

  /** Sets the legs of a call in memory. */
  setLegs(callId: string, attempts: readonly Attempt[]): void {
    this.#legs.set(callId, attempts);
  }

  deleteLegs(callId: string): void {
    this.#legs.delete(callId);
  }

  joinOf(callId: string, attempt: Attempt): Join {
    return join(knownLeg(callId, attempt), this.#rooms, this.#legs);
  }

  /** The `joinOf` of one call. */
  joinsOf(callId: string): (attempt: Attempt) => Join {
    return (attempt) => this.joinOf(callId, attempt);
  }

  /** The transfers of an attempt that an agent reported, in the order of their times. */
  transfersOf(attempt: Attempt): Transfer[] {
    const callId = farEndCallId(attempt);
    const reported = callId === undefined ? undefined : this.#rooms.get(transfersKey(callId))?.transfers.values();
    return [...(reported ?? [])].sort((a, b) => a.at - b.at);
  }

  /** The SIP Call-IDs of all participants. */
  get sipCallIds(): string[] {
    return this.#rooms.sipCallIds;
  }

  /** Whether LiveKit's webhooks reached this service about the time of a call, in epoch milliseconds. */
  isReporting(at: number): boolean {
    return this.#lastReportAt >= at - REPORTING_MS;
  }

  /** Evicts rooms that have long been quiet. `now` in epoch milliseconds. */
  evictQuiet(now: number): void {
    this.#rooms.evictQuiet(now);
  }
}
