import type { Cause } from '../diagnose/cause.ts';

/** A cause as JSON, for the API. Keys are public. */
export function describeCause({ id, title, party, fix, confidence, runbook }: Cause) {
  return { id, title, party, fix, confidence, runbook };
}
