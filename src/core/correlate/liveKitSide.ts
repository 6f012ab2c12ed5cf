import type { Attempt } from '../call/call.ts';
import { affectsVerdict, type LiveKitEvent, roomKeyOf } from '../call/livekitEvent.ts';
import { candidateLegs, type Join, join } from './join.ts';
import { knownLeg, Legs } from './legs.ts';
import { Rooms } from './rooms.ts';

/** How long, in milliseconds, LiveKit may have been silent for its silence on one call to say something. */
const REPORTING_MS = 3_600_000;

/** LiveKit's webhooks beside Jambonz's: which of its participants is the far end of which leg. */
export class LiveKitSide {
  readonly #rooms = new Rooms();
  readonly #legs = new Legs();
  #lastReportAt = Number.NEGATIVE_INFINITY;

  /** Adds a webhook; returns the calls at hand of which it may change what is said. */
  add(event: LiveKitEvent): Set<string> {
    this.noteReport(event.receivedAt);
    const room = this.#rooms.add(event);
    if (!room || !affectsVerdict(event)) return new Set();
    const legs = this.#rooms.sipOf(room).flatMap((sip) => candidateLegs(sip, this.#legs, this.#rooms));
    return new Set(legs.map(({ callId }) => callId));
  }

  /** Notes that a webhook of LiveKit's came at a time in epoch milliseconds, also one that is not added. */
  noteReport(receivedAt: number): void {
    this.#lastReportAt = Math.max(this.#lastReportAt, receivedAt);
  }

  /** The SIP Call-IDs of the participants in the event's room, of which something else is said now. */
  callIdsInRoomOf(event: LiveKitEvent): Set<string> {
    const room = affectsVerdict(event) ? this.#rooms.get(roomKeyOf(event)) : undefined;
    const callIds = room ? this.#rooms.sipOf(room).map(({ participant }) => participant.sip?.callIdFull) : [];
    return new Set(callIds.filter((callId) => callId !== undefined));
  }

  /** Takes note of the legs of a call at hand. */
  setLegs(callId: string, attempts: readonly Attempt[]): void {
    this.#legs.set(callId, attempts);
  }

  deleteLegs(callId: string): void {
    this.#legs.delete(callId);
  }

  joinOf(callId: string, attempt: Attempt): Join {
    return join(knownLeg(callId, attempt), this.#rooms, this.#legs);
  }

  /** The same for each attempt of one call. */
  joinsOf(callId: string): (attempt: Attempt) => Join {
    return (attempt) => this.joinOf(callId, attempt);
  }

  /** The SIP Call-IDs of all participants. */
  get sipCallIds(): string[] {
    return this.#rooms.sipCallIds;
  }

  /** Whether LiveKit's webhooks reach this service at all, as far as is known of the time of a call. */
  isReporting(at: number): boolean {
    return this.#lastReportAt >= at - REPORTING_MS;
  }

  /** Forgets rooms that have been quiet for long. */
  evictQuiet(now: number): void {
    this.#rooms.evictQuiet(now);
  }
}
