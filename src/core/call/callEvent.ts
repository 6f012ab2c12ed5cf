/** When something happened, and how well that is known. */
export interface Moment {
  /** Epoch milliseconds at which it happened, as well as is known. */
  readonly at: number;
  /** Epoch milliseconds at which the webhook arrived; timers run on this. */
  readonly receivedAt: number;
  /** Whether `at` is good to a few milliseconds. A late delivery is dated by its signature, to the second. */
  readonly precise: boolean;
}

export type Direction = 'inbound' | 'outbound';

/** Jambonz's call_status; `other` for one that this version does not know. */
export type CallStatus =
  | 'trying'
  | 'ringing'
  | 'early-media'
  | 'in-progress'
  | 'completed'
  | 'failed'
  | 'busy'
  | 'no-answer'
  | 'queued'
  | 'other';

/** What the application says it dialled with: the dial verb's `tag: {"sipwhy": {"auth_username": …}}`. */
export type DeclaredAuth = { readonly sent: false } | { readonly sent: true; readonly username: string };

/** The state of one leg, as any Jambonz webhook carries it. */
export interface LegReport extends Moment {
  readonly callSid: string;
  readonly parentCallSid: string | undefined;
  readonly direction: Direction | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** The SIP Call-ID that the far end sees; known from the first 18x or 200 on. */
  readonly sbcCallId: string | undefined;
  readonly sipStatus: number | undefined;
  readonly sipReason: string | undefined;
  readonly callStatus: CallStatus;
  /** `caller`, `jambonz` or another party, as Jambonz names it. */
  readonly terminatedBy: string | undefined;
  readonly declaredAuth: DeclaredAuth | undefined;
}

export interface StatusEvent extends LegReport {
  readonly kind: 'status';
}

/** The dial hook: the A leg's state, and how the dial ended. It has no reason phrase. */
export interface DialResultEvent extends LegReport {
  readonly kind: 'dial_result';
  readonly dialCallSid: string | undefined;
  readonly dialCallStatus: CallStatus | undefined;
  readonly dialSipStatus: number | undefined;
  readonly dialSbcCallId: string | undefined;
}

export type CallEvent = StatusEvent | DialResultEvent;

/**
 * The call that an event belongs to: its A leg's call_sid, or its own where it has no parent. A dial hook is of the leg
 * that dialled, also where that was itself dialled.
 */
export function callIdOf(event: CallEvent): string {
  return event.kind === 'dial_result' ? event.callSid : (event.parentCallSid ?? event.callSid);
}
