import type { Cause, Party } from '../core/diagnose/cause.ts';
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
  const { id, cause, party, trunk, status, first, last } = incident;
  return {
    incident: id,
    cause,
    party,
    trunk,
    trunkName: trunkName ?? '',
    status: statusAfterAnswer(cause) ?? (status === undefined ? 'No answer' : String(status)),
    firstCallAt: first.at,
    lastCallAt: last.at,
    isMuted: isMuted(incident, now),
  };
}

/** `undefined` for a cause that stops calls before the answer. */
function statusAfterAnswer(cause: string): 'Connected' | 'Dropped' | undefined {
  const { stage, callGoesOn }: Partial<Cause> = CAUSES.find(({ id }) => id === cause) ?? {};
  if (stage !== 'after_answer') return undefined;
  return callGoesOn ? 'Connected' : 'Dropped';
}
