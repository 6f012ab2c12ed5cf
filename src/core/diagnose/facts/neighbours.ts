import type { Evidence } from '../cause.ts';
import { verdictOf } from '../prove.ts';
import type { Facts } from './facts.ts';

/** How far, in seconds, before and after a call others count as made at the same time. */
export const WINDOW_SECONDS = 60;

/** What became of other calls to the same host of LiveKit's in the window. */
export interface Counts {
  readonly connected: number;
  /** LiveKit asked for credentials or rang on, so that its backend had answered; the call was not answered. */
  readonly letIn: number;
  /** With the same status and phrase, or with the same silence. */
  readonly failedAlike: number;
  readonly endedOtherwise: number;
}

/**
 * What other calls say of an outage of LiveKit. `supported`: calls on other trunks, for which the configuration shows no
 * conflict, failed alike, and meanwhile LiveKit let none in. `contradicted`: none did, and LiveKit let calls in.
 * `mixed`: both, or calls on the very trunk for which there is no conflict failed alike. `unknown`: neither.
 */
export type OutageSigns = 'supported' | 'contradicted' | 'mixed' | 'unknown';

/** What other calls do at the same time. `unplaced` are those of which the trunk is not known, or that of this call. */
export interface Neighbours {
  readonly sameTrunk: Counts;
  readonly otherTrunks: Counts;
  readonly unplaced: Counts;
  readonly outage: OutageSigns;
}

const NONE: Counts = { connected: 0, letIn: 0, failedAlike: 0, endedOtherwise: 0 };
export const NO_NEIGHBOURS: Neighbours = { sameTrunk: NONE, otherTrunks: NONE, unplaced: NONE, outage: 'unknown' };

/** Whether other calls were let in at the same time, and nothing that is known keeps this one out: then little speaks for an outage. */
export function isOutageUnconfirmed({ neighbours, match }: Pick<Facts, 'neighbours' | 'match'>): boolean {
  return neighbours.outage === 'contradicted' && match !== undefined && verdictOf(match) !== 'refused';
}

/** What other calls did at the same time, as evidence. Empty where there were none, and for a leg that is not LiveKit's. */
export function neighbourEvidence({ sameTrunk, otherTrunks, unplaced }: Neighbours): Evidence[] {
  return [
    ...counted('other calls on the same trunk', sameTrunk),
    ...counted('calls on other trunks or without a trunk', otherTrunks),
    ...counted('other calls to LiveKit on an unknown trunk', unplaced),
  ];
}

function counted(name: string, { connected, letIn, failedAlike, endedOtherwise }: Counts): Evidence[] {
  if (connected + letIn + failedAlike + endedOtherwise === 0) return [];
  const parts = [
    `${connected} connected`,
    `${failedAlike} failed the same way`,
    ...(letIn > 0 ? [`${letIn} let in but not answered`] : []),
    ...(endedOtherwise > 0 ? [`${endedOtherwise} ended in another way`] : []),
  ];
  const value = `${parts.join(', ')} (within ${WINDOW_SECONDS} s before or after this call)`;
  return [{ name, value, source: 'neighbours' }];
}
