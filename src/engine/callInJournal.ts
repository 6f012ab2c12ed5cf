import { type CallEvent, callIdOf } from '../core/call/callEvent.ts';
import { isBefore, type JournalPosition, readRecord } from '../core/receive/webhook.ts';
import { JournalReader } from '../journal/journalReader.ts';
import type { CallRecord } from '../store/store.ts';

/** How many records are read at once. */
const BATCH = 1_000;

/**
 * Reads the webhooks of a call between two positions of the journal, which are not in the store yet. `undefined` if there
 * are none. It reads every record between the positions; there are few unless the store was unavailable.
 */
export function callInJournal(
  directory: string,
  from: JournalPosition,
  end: JournalPosition,
  callSid: string,
): CallRecord | undefined {
  const reader = new JournalReader(directory);
  const events: CallEvent[] = [];
  for (let at = from; isBefore(at, end); ) {
    const batch = reader.read(at, end, BATCH);
    for (const { payload } of batch.records) {
      if (!payload.includes('call_sid')) continue;
      const event = readRecord(payload)?.event;
      if (event && event.kind !== 'livekit') events.push(event);
    }
    if (!isBefore(at, batch.end)) break;
    at = batch.end;
  }
  const isOf = (event: CallEvent) =>
    event.callSid === callSid ||
    callIdOf(event) === callSid ||
    (event.kind === 'dial_result' && event.dialCallSid === callSid);
  const found = events.find(isOf);
  if (!found) return undefined;
  const callId = callIdOf(found);
  const own = events.filter((event) => callIdOf(event) === callId);
  return { callId, events: own, attempts: [], liveKitEvents: [] };
}
