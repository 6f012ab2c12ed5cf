import type { Party } from '../core/diagnose/cause.ts';
import { dropsCalls, isOutlived } from '../core/incidents/connected.ts';
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
  /**
   * Status of the final SIP response of the latest failed call, or `No answer`. For one that was answered, `Dropped`, or
   * `Connected` if it went on.
   */
  readonly status: string;
  readonly firstCallAt: number;
  readonly lastCallAt: number;
  readonly isMuted: boolean;
}

/** `now` in epoch milliseconds. */
export function openIncident(incident: Incident, trunkName: string | undefined, now: number): OpenIncident {
  const { id, cause, party, trunk, first, last } = incident;
  return {
    incident: id,
    cause,
    party,
    trunk,
    trunkName: trunkName ?? '',
    status: statusOf(incident),
    firstCallAt: first.at,
    lastCallAt: last.at,
    isMuted: isMuted(incident, now),
  };
}

function statusOf(incident: Incident): string {
  if (isOutlived(incident)) return 'Connected';
  if (dropsCalls(incident)) return 'Dropped';
  return incident.status === undefined ? 'No answer' : String(incident.status);
}
