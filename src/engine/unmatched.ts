import { type LiveKitEvent, roomKeyOf } from '../core/call/livekitEvent.ts';
import { LiveKitSide } from '../core/correlate/liveKitSide.ts';
import { numberKey } from '../core/correlate/lookup.ts';
import { OpenCall } from '../core/correlate/openCall.ts';
import { ROOM_KEPT_MS } from '../core/correlate/rooms.ts';
import type { WebhookEvent } from '../core/receive/webhook.ts';
import type { Store } from '../store/store.ts';

/** The largest number of participants that are remembered. */
const REMEMBERED = 20_000;

/** Counts LiveKit's SIP participants for which no webhook of Jambonz has arrived in time. */
export class Unmatched {
  readonly #store: Store;
  readonly #onUnmatched: () => void;
  /** The webhooks that reported them, by room and participant. */
  readonly #waiting = new Map<string, { readonly event: LiveKitEvent; readonly room: string; since: number }>();

  constructor(store: Store, onUnmatched: () => void) {
    this.#store = store;
    this.#onUnmatched = onUnmatched;
  }

  note(event: WebhookEvent): void {
    if (event.kind !== 'livekit' || event.name !== 'participant_joined' || !event.participant?.sip) return;
    const room = roomKeyOf(event);
    if (room === undefined || this.#waiting.size >= REMEMBERED) return;
    this.#waiting.set(`${room} ${event.participant.sid}`, { event, room, since: event.receivedAt });
  }

  /** Notes that the wall clock jumped: nobody has waited longer by that. */
  clockJumped(byMs: number): void {
    for (const waiting of this.#waiting.values()) waiting.since += byMs;
  }

  /** Counts the participants whose waiting time is over and that have no call. `now` in epoch milliseconds. */
  async countOverdue(now: number): Promise<void> {
    for (const [key, { event, room, since }] of this.#waiting) {
      if (now - since < ROOM_KEPT_MS) return;
      if (!(await this.#hasCall(event, room))) this.#onUnmatched();
      this.#waiting.delete(key);
    }
  }

  async #hasCall(event: LiveKitEvent, room: string): Promise<boolean> {
    const { liveKit, loader } = this.#store;
    const { callIdFull, phoneNumber, trunkPhoneNumber } = event.participant?.sip ?? {};
    if (await liveKit.hasCall(callIdFull, room)) return true;
    // If several legs or participants fit, the join is ambiguous and counted as such elsewhere.
    const numbers = numberKey(phoneNumber, trunkPhoneNumber);
    const near = numbers === undefined ? [] : await liveKit.callsNear(numbers, event.receivedAt);
    const side = new LiveKitSide();
    for (const [callId, events] of await loader.eventsOf(near)) {
      side.setLegs(callId, new OpenCall(callId, events).attempts);
    }
    return side.add(event).size > 0;
  }
}
