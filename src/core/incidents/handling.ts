import type { Incident } from './incident.ts';

/** Who did something by hand, and when, in epoch milliseconds. `by` is what the person typed; absent if nothing. */
export interface ByHand {
  readonly at: number;
  readonly by?: string;
}

/** No notifications until a time, in epoch milliseconds. */
export interface Mute extends ByHand {
  readonly until: number;
}

export interface Note extends ByHand {
  readonly text: string;
}

/** A call that a person took out of an incident. */
export interface PutAway extends ByHand {
  readonly callSid: string;
}

/** What people did about an incident. */
export interface Handling {
  readonly acknowledged?: ByHand;
  readonly muted?: Mute;
  readonly resolved?: ByHand;
  /** The oldest first. */
  readonly notes: readonly Note[];
  /** The latest calls that were taken out, the oldest first. */
  readonly putAway?: readonly PutAway[];
}

/** Of an incident that nobody has handled. */
export const UNHANDLED: Handling = { notes: [] };

/** Whether nobody is to be notified of an incident now. `now` in epoch milliseconds. */
export function isMuted({ handling }: Incident, now: number): boolean {
  return handling?.muted !== undefined && now < handling.muted.until;
}
