import type { Explanation } from '../explain/json.ts';
import type { StoredAttempt } from './store.ts';

/** A row of the table `attempts`. */
export interface AttemptRow {
  readonly call_sid: string;
  readonly call_id: string;
  readonly started_at: number;
  readonly settled_at: number;
  readonly explanation: string;
}

export function toAttempt(row: AttemptRow): StoredAttempt {
  return {
    callSid: row.call_sid,
    callId: row.call_id,
    startedAt: row.started_at,
    settledAt: row.settled_at,
    // The cast is what saveAttempts wrote.
    explanation: withNumbers(JSON.parse(row.explanation) as OlderExplanation),
  };
}

/** The first versions did not write down who called whom. */
export type OlderExplanation = Omit<Explanation, 'from' | 'to'> & Partial<Pick<Explanation, 'from' | 'to'>>;

export function withNumbers(explanation: OlderExplanation): Explanation {
  const { from = null, to = null } = explanation;
  return { ...explanation, from, to };
}
