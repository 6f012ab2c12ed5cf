import { type LiveKitEvent, roomKeyOf } from '../call/livekitEvent.ts';
import { addLiveKitEvent, newRoom, type Participant, type Room } from '../call/room.ts';
import { Lookup, numberKey } from './lookup.ts';

/** A SIP call as LiveKit sees it: a participant in a room. */
export interface SipParticipant {
  readonly room: Room;
  readonly participant: Participant;
}

/** How long, in milliseconds, a room's webhooks may wait for its call: longer than any call rings. */
export const ROOM_KEPT_MS = 15 * 60_000;
/** A room is evicted this long, in milliseconds, after its last webhook: longer than calls last. */
const ROOM_IN_MEMORY_MS = 7 * 3_600_000;
/** How many rooms are kept in memory. Beyond that the one that was quiet the longest is evicted. */
const MAX_ROOMS = 20_000;
/** How many participants of one room are kept: a room that stays open for weeks must not fill the memory. */
const MAX_PARTICIPANTS = 1_000;
/** How many agent jobs of one room are kept. */
const MAX_JOBS = 100;
/** How many participants of all rooms are kept. Beyond that rooms are evicted as if there were too many. */
const MAX_PARTICIPANTS_IN_ALL = 100_000;

/** LiveKit's rooms, folded from webhooks, with their SIP participants by Call-ID and by numbers. */
export class Rooms {
  /** In the order of their last webhooks. */
  readonly #rooms = new Map<string, Room>();
  readonly #sip = new Map<Participant, SipParticipant>();
  readonly #byCallId = new Lookup<SipParticipant>();
  readonly #byNumbers = new Lookup<SipParticipant>();
  #participants = 0;

  get size(): number {
    return this.#rooms.size;
  }

  get(key: string | undefined): Room | undefined {
    return key === undefined ? undefined : this.#rooms.get(key);
  }

  /** Adds a webhook to its room and returns the room; `undefined` if the webhook belongs to none. */
  add(event: LiveKitEvent): Room | undefined {
    const key = roomKeyOf(event);
    if (key === undefined) return undefined;
    const room = this.#rooms.get(key) ?? newRoom(key);
    this.#rooms.delete(key);
    this.#rooms.set(key, room);
    const before = room.participants.size;
    const participant = addLiveKitEvent(room, event);
    if (participant?.sip) this.#index(room, participant);
    if (room.participants.size > MAX_PARTICIPANTS) this.#evictOldest(room);
    this.#participants += room.participants.size - before;
    const [oldestJob] = room.jobs.keys();
    if (oldestJob !== undefined && room.jobs.size > MAX_JOBS) room.jobs.delete(oldestJob);
    return room;
  }

  /** The SIP participants of a room that are in memory. */
  sipOf(room: Room): SipParticipant[] {
    return [...room.participants.values()].flatMap((participant) => this.#sip.get(participant) ?? []);
  }

  withCallId(callId: string | undefined): readonly SipParticipant[] {
    return this.#byCallId.get(callId);
  }

  withNumbers(numbers: string | undefined): readonly SipParticipant[] {
    return this.#byNumbers.get(numbers);
  }

  /** The SIP Call-IDs of all participants in memory. */
  get sipCallIds(): string[] {
    return [...this.#sip.keys()].flatMap(({ sip }) => sip?.callIdFull ?? []);
  }

  /** Evicts rooms that have long been quiet. Returns their SIP participants. `now` in epoch milliseconds. */
  evictQuiet(now: number): SipParticipant[] {
    const forgotten: SipParticipant[] = [];
    for (const [key, room] of this.#rooms) {
      const isTooMuch = this.#rooms.size > MAX_ROOMS || this.#participants > MAX_PARTICIPANTS_IN_ALL;
      if (room.lastReceivedAt + ROOM_IN_MEMORY_MS > now && !isTooMuch) break;
      this.#participants -= room.participants.size;
      forgotten.push(...this.sipOf(room));
      for (const participant of room.participants.values()) this.#unindex(participant);
      this.#rooms.delete(key);
    }
    return forgotten;
  }

  #evictOldest(room: Room): void {
    let [oldest] = room.participants.values();
    if (!oldest) return;
    for (const participant of room.participants.values())
      if (participant.firstReported.at < oldest.firstReported.at) oldest = participant;
    this.#unindex(oldest);
    room.participants.delete(oldest.key);
  }

  #index(room: Room, participant: Participant): void {
    if (this.#sip.has(participant)) return;
    const found = { room, participant };
    this.#sip.set(participant, found);
    const { callIdFull, phoneNumber, trunkPhoneNumber } = participant.sip ?? {};
    if (callIdFull !== undefined) this.#byCallId.add(callIdFull, found);
    const numbers = numberKey(phoneNumber, trunkPhoneNumber);
    if (numbers !== undefined) this.#byNumbers.add(numbers, found);
  }

  #unindex(participant: Participant): void {
    const found = this.#sip.get(participant);
    if (!found) return;
    this.#sip.delete(participant);
    const { callIdFull, phoneNumber, trunkPhoneNumber } = participant.sip ?? {};
    if (callIdFull !== undefined) this.#byCallId.delete(callIdFull, found);
    const numbers = numberKey(phoneNumber, trunkPhoneNumber);
    if (numbers !== undefined) this.#byNumbers.delete(numbers, found);
  }
}
