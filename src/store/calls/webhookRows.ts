import { type CallEvent, callIdOf } from '../../core/call/callEvent.ts';
import { type LiveKitEvent, roomKeyOf } from '../../core/call/livekitEvent.ts';
import { indexKey } from '../../core/call/storedText.ts';
import { numberKey } from '../../core/correlate/lookup.ts';
import type { Queries } from '../database.ts';
import { type EVENTS, insertRows, LEGS_BY_NUMBERS, type LIVEKIT_EVENTS, type RowOf, SIP_CALL_IDS } from '../tables.ts';

/** The fields of a webhook that its row is made from. */
interface Kept<E> {
  /** `null` for a webhook that an older version stored. */
  readonly id: string | null;
  readonly digest: string;
  readonly event: E;
  readonly body: Uint8Array;
}

export function eventRow({ id, digest, event, body }: Kept<CallEvent>): RowOf<typeof EVENTS> {
  return {
    id,
    received_at: event.receivedAt,
    call_id: callIdOf(event),
    call_sid: event.callSid,
    dial_call_sid: dialledIn(event)?.dialCallSid ?? null,
    kind: event.kind,
    digest,
    event: JSON.stringify(event),
    body,
  };
}

export function liveKitEventRow({ id, digest, event, body }: Kept<LiveKitEvent>): RowOf<typeof LIVEKIT_EVENTS> {
  const sip = event.participant?.sip;
  const sipCallId = event.transfer?.sipCallId ?? sip?.callIdFull;
  return {
    id,
    received_at: event.receivedAt,
    room: roomKeyOf(event) ?? null,
    name: event.name,
    sip_call_id: sipCallId === undefined ? null : indexKey(sipCallId),
    numbers: numberKey(sip?.phoneNumber, sip?.trunkPhoneNumber) ?? null,
    digest,
    event: JSON.stringify(event),
    body,
  };
}

/** Inserts the Call-IDs and numbers of events, to find their calls by. */
export async function insertLookUps(queries: Queries, events: readonly CallEvent[]): Promise<void> {
  await insertRows(queries, SIP_CALL_IDS, sipCallIdsOf(events));
  await insertRows(queries, LEGS_BY_NUMBERS, numbersOf(events));
}

/** The SIP Call-IDs of legs, as the store keeps them. */
export function sipCallIdsOf(events: readonly CallEvent[]): RowOf<typeof SIP_CALL_IDS>[] {
  const found = events.flatMap((event) =>
    [event.sbcCallId, dialledIn(event)?.dialSbcCallId].map(
      (sip) => [sip === undefined ? undefined : indexKey(sip), callIdOf(event)] as const,
    ),
  );
  return pairs(found).map(([sip_call_id, call_id]) => ({ sip_call_id, call_id }));
}

/** The numbers of dialled legs. Only those can have LiveKit at their far end. */
function numbersOf(events: readonly CallEvent[]): RowOf<typeof LEGS_BY_NUMBERS>[] {
  const outbound = events.filter(({ direction }) => direction === 'outbound');
  const heardAt = new Map(outbound.toReversed().map((event) => [callIdOf(event), event.receivedAt]));
  const found = pairs(outbound.map((event) => [numberKey(event.from, event.to), callIdOf(event)] as const));
  return found.map(([numbers, call_id]) => ({ numbers, call_id, heard_at: heardAt.get(call_id) ?? 0 }));
}

function dialledIn(event: CallEvent) {
  return event.kind === 'dial_result' ? event : undefined;
}

/** Each key once, in the same order on all replicas, so that they do not deadlock. */
export function sorted(keys: readonly string[]): string[] {
  return [...new Set(keys)].sort();
}

/** The pairs with a known first part, each once, sorted. */
function pairs(found: readonly (readonly [string | undefined, string])[]): [string, string][] {
  const known = found.flatMap(([first, second]) => (first === undefined ? [] : [JSON.stringify([first, second])]));
  // The cast: it was written two lines above.
  return sorted(known).map((pair) => JSON.parse(pair) as [string, string]);
}
