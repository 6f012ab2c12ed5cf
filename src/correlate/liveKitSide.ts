import type { Attempt } from '../call/call.ts';
import { type LiveKitEvent, matters, roomKeyOf } from '../call/livekitEvent.ts';
import type { Participant } from '../call/room.ts';
import { type Join, join, legsThatMayBe } from './join.ts';
import { knownLeg, Legs } from './legs.ts';
import { Rooms } from './rooms.ts';

/** What became of the SIP participants of LiveKit: label values of `sipwhy_livekit_participants_total`. */
export type ParticipantResult = 'joined' | 'ambiguous' | 'unmatched';

/** How long, in milliseconds, LiveKit may have been silent for its silence on one call to say something. */
const HEARING_MS = 3_600_000;

/** LiveKit's webhooks beside Jambonz's: which of its participants is the far end of which leg. */
export class LiveKitSide {
  readonly #rooms = new Rooms();
  readonly #legs = new Legs();
  readonly #counted = new WeakSet<Participant>();
  readonly #results: ParticipantResult[] = [];
  #lastHeardAt = Number.NEGATIVE_INFINITY;

  get rooms(): number {
    return this.#rooms.size;
  }

  hasRoom(key: string): boolean {
    return this.#rooms.get(key) !== undefined;
  }

  /** Adds a webhook; returns the calls at hand of which it may change what is said. */
  add(event: LiveKitEvent): Set<string> {
    this.hear(event.receivedAt);
    const room = this.#rooms.add(event);
    if (!room || !matters(event)) return new Set();
    const legs = this.#rooms.sipOf(room).flatMap((sip) => legsThatMayBe(sip, this.#legs, this.#rooms));
    return new Set(legs.map(({ callId }) => callId));
  }

  /** Notes that a webhook of LiveKit's came at a time in epoch milliseconds, also one that is not added. */
  hear(receivedAt: number): void {
    this.#lastHeardAt = Math.max(this.#lastHeardAt, receivedAt);
  }

  /** Whether a SIP participant in the event's room is the far end of no leg at hand; that call may be in the store. */
  mayConcernOthers(event: LiveKitEvent): boolean {
    const room = matters(event) ? this.#rooms.get(roomKeyOf(event)) : undefined;
    if (!room) return false;
    return this.#rooms.sipOf(room).some((sip) => legsThatMayBe(sip, this.#legs, this.#rooms).length === 0);
  }

  /** The SIP Call-IDs of the participants in the event's room, of which something else is said now. */
  callIdsInRoomOf(event: LiveKitEvent): Set<string> {
    const room = matters(event) ? this.#rooms.get(roomKeyOf(event)) : undefined;
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

  /** Whether LiveKit's webhooks reach this service at all, as far as is known of the time of a call. */
  isHearing(at: number): boolean {
    return this.#lastHeardAt >= at - HEARING_MS;
  }

  /** Counts the participants of a verdict, each once. */
  count(found: Join): void {
    if (found.kind === 'joined') this.#count(found.sip.participant, 'joined');
    if (found.kind === 'ambiguous') for (const sip of found.participants) this.#count(sip.participant, 'ambiguous');
  }

  /** Notes that an attempt was judged before, as after a restart: its participants are counted already. */
  setCounted(callId: string, attempt: Attempt): void {
    const found = this.joinOf(callId, attempt);
    if (found.kind === 'joined') this.#counted.add(found.sip.participant);
    if (found.kind === 'ambiguous') for (const sip of found.participants) this.#counted.add(sip.participant);
  }

  /** Forgets rooms that have been quiet for long; SIP participants that no leg was found for count as unmatched. */
  forget(now: number): void {
    for (const { participant } of this.#rooms.forget(now)) this.#count(participant, 'unmatched');
  }

  /** What became of SIP participants since this was last asked. */
  takeResults(): ParticipantResult[] {
    return this.#results.splice(0);
  }

  #count(participant: Participant, result: ParticipantResult): void {
    if (this.#counted.has(participant)) return;
    this.#counted.add(participant);
    this.#results.push(result);
  }
}
