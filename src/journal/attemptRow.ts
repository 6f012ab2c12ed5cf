import { recordFrom } from './olderForms.ts';
import type { StoredAttempt } from './store.ts';

/** A row of the table `attempts`. */
export interface AttemptRow {
  readonly id: string;
  readonly call_sid: string;
  readonly call_id: string;
  readonly started_at: number;
  readonly settled_at: number;
  readonly record: string;
}

export function toAttempt({ id, call_sid, call_id, started_at, settled_at, record }: AttemptRow): StoredAttempt {
  return {
    id,
    callSid: call_sid,
    callId: call_id,
    startedAt: started_at,
    settledAt: settled_at,
    record: recordFrom(JSON.parse(record), id),
  };
}
