import { type CallEvent, callIdOf } from '../core/call/callEvent.ts';
import { WEBHOOKS_DESCRIBED } from '../core/explain/callJson.ts';
import { isBefore, type JournalPosition, readRecord } from '../core/receive/webhook.ts';
import { JournalReader } from '../journal/journalReader.ts';
import { pause } from '../loop/slices.ts';
import type { CallRecord } from '../store/store.ts';

/** How many records are read at once. */
const BATCH = 1_000;

/**
 * Reads the webhooks of a call between two positions of the journal, which are not in the store yet. Resolves to
 * `undefined` if there are none. It reads every record between the positions, in slices: they are many while the store is
 * unavailable.
 */
export async function callInJournal(
  directory: string,
  from: JournalPosition,
  end: JournalPosition,
  callSid: string,
): Promise<CallRecord | undefined> {
  const reader = new JournalReader(directory);
  const isOf = (event: CallEvent) =>
    event.callSid === callSid ||
    callIdOf(event) === callSid ||
    (event.kind === 'dial_result' && event.dialCallSid === callSid);
  const [found] = await eventsWhere(reader, from, end, isOf, 1);
  if (!found) return undefined;
  const callId = callIdOf(found);
  // The webhooks of other legs may come before the one that was found.
  const events = await eventsWhere(reader, from, end, (event) => callIdOf(event) === callId, WEBHOOKS_DESCRIBED);
  return { callId, events, attempts: [], liveKitEvents: [] };
}

/** The first events between two positions that match, up to a limit. */
async function eventsWhere(
  reader: JournalReader,
  from: JournalPosition,
  end: JournalPosition,
  matches: (event: CallEvent) => boolean,
  limit: number,
): Promise<CallEvent[]> {
  const events: CallEvent[] = [];
  for (let at = from; isBefore(at, end) && events.length < limit; ) {
    await pause();
    const batch = reader.read(at, end, BATCH);
    for (const { payload } of batch.records) {
      if (!payload.includes('call_sid')) continue;
      const event = readRecord(payload)?.event;
      if (event && event.kind !== 'livekit' && matches(event)) events.push(event);
    }
    if (!isBefore(at, batch.end)) break;
    at = batch.end;
  }
  return events.slice(0, limit);
}
