import { close, type Folded, type Incident, isOpen } from './incident.ts';

/** After so long without a call an open incident is shown as quiet. */
export const QUIET_AFTER_MS = 60 * 60_000;
/** After so long without a call it is put away, though nothing shows that its cause is gone. */
export const PUT_AWAY_AFTER_MS = 7 * 86_400_000;

/** Since when, in epoch milliseconds, no call of an open incident has failed; `undefined` where that is not long. */
export function quietSince(incident: Incident, now: number): number | undefined {
  return isOpen(incident) && now - incident.last.at >= QUIET_AFTER_MS ? incident.last.at : undefined;
}

/** Puts an incident away that has long been quiet; `undefined` for any other. */
export function putAway(incident: Incident, now: number): Folded | undefined {
  if (!isOpen(incident) || now - incident.last.at < PUT_AWAY_AFTER_MS) return undefined;
  return close(incident, 'no_calls', now);
}
