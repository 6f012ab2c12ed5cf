import { verdictOf } from '../../fixes/prove.ts';
import type { Evidence } from '../cause.ts';
import type { Facts } from './facts.ts';

/** Calls that began at most this many seconds before or after a call count as made at the same time. */
export const WINDOW_SECONDS = 60;

/** How other calls to the same LiveKit host ended in the window. */
export interface Counts {
  readonly connected: number;
  /** LiveKit sent a challenge or kept ringing, so its backend had answered; but the call was not answered. */
  readonly letIn: number;
  /** Failed with the same status and phrase, or with the same silence. */
  readonly failedAlike: number;
  readonly endedOtherwise: number;
}

/**
 * What other calls say about an outage of LiveKit. `supported`: calls on other trunks, for which the configuration
 * shows no conflict, failed the same way, and LiveKit let none in meanwhile. `contradicted`: none failed the same way,
 * and LiveKit let calls in.
 * `mixed`: both, or calls without a conflict on the same trunk failed the same way. `unknown`: neither.
 */
export type OutageSigns = 'supported' | 'contradicted' | 'mixed' | 'unknown';

/** What other calls do at the same time. `unplaced`: the trunk of those calls, or of this call, is unknown. */
export interface Neighbours {
  readonly sameTrunk: Counts;
  readonly otherTrunks: Counts;
  readonly unplaced: Counts;
  readonly outage: OutageSigns;
}

const NONE: Counts = { connected: 0, letIn: 0, failedAlike: 0, endedOtherwise: 0 };
export const NO_NEIGHBOURS: Neighbours = { sameTrunk: NONE, otherTrunks: NONE, unplaced: NONE, outage: 'unknown' };

/** Whether other calls got in at the same time and nothing known blocks this one, so that little suggests an outage. */
export function isOutageUnconfirmed({ neighbours, match }: Pick<Facts, 'neighbours' | 'match'>): boolean {
  return neighbours.outage === 'contradicted' && match !== undefined && verdictOf(match) !== 'refused';
}

/** Whether LiveKit let other calls to the same host in at the same time. */
export function gotInBeside({ sameTrunk, otherTrunks, unplaced }: Neighbours): boolean {
  return [sameTrunk, otherTrunks, unplaced].some(({ connected, letIn }) => connected + letIn > 0);
}

/**
 * What other calls did at the same time, as evidence. Empty if there were none, and for a leg that isn't to LiveKit.
 */
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
