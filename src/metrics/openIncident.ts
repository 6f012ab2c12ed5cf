import type { Party } from '../core/diagnose/cause.ts';
import { CAUSES } from '../core/diagnose/causes.ts';
import { isMuted } from '../core/incidents/handling.ts';
import type { Incident } from '../core/incidents/incident.ts';

// Without the metrics library, which the engine's thread doesn't load.

/** What the metrics tell of an open incident. Times in epoch milliseconds. */
export interface OpenIncident {
  readonly incident: string;
  readonly cause: string;
  readonly party: Party;
  readonly trunk: string;
  /** Empty if it is not known. */
  readonly trunkName: string;
  /** Status of the final SIP response of the latest failed call, `No answer`, or `Dropped` for one that was answered. */
  readonly status: string;
  readonly firstCallAt: number;
  readonly lastCallAt: number;
  readonly isMuted: boolean;
}

/** `now` in epoch milliseconds. */
export function openIncident(incident: Incident, trunkName: string | undefined, now: number): OpenIncident {
  const { id, cause, party, trunk, status, first, last } = incident;
  return {
    incident: id,
    cause,
    party,
    trunk,
    trunkName: trunkName ?? '',
    status: isAfterAnswer(cause) ? 'Dropped' : status === undefined ? 'No answer' : String(status),
    firstCallAt: first.at,
    lastCallAt: last.at,
    isMuted: isMuted(incident, now),
  };
}

function isAfterAnswer(cause: string): boolean {
  return CAUSES.some(({ id, stage }) => id === cause && stage === 'after_answer');
}
