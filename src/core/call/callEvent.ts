/** When something happened, and how precisely that is known. */
export interface Moment {
  /** Epoch milliseconds: the best estimate of when it happened. */
  readonly at: number;
  /** Epoch milliseconds at which the webhook arrived; timers run on this. */
  readonly receivedAt: number;
  /** Whether `at` is exact to a few milliseconds. The time of a late delivery is its signature's, exact to the second. */
  readonly precise: boolean;
}

export type Direction = 'inbound' | 'outbound';

/** Jambonz's call_status; `other` for a status that this version does not know. */
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

/** Whether a leg with this status was neither answered nor ended. */
export function isSettingUp(status: CallStatus): boolean {
  return ['trying', 'queued', 'ringing', 'early-media', 'other'].includes(status);
}

/** The credentials that the application declares in the dial verb: `tag: {"sipwhy": {"auth_username": …}}`. */
export type DeclaredAuth = { readonly sent: false } | { readonly sent: true; readonly username: string };

/** The state of one leg, which every Jambonz webhook carries. */
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
  /** How long the leg was answered, in whole seconds; absent until it ends. */
  readonly durationSeconds?: number;
  /** The id of Jambonz's trace; absent if the webhook had none. */
  readonly traceId?: string;
}

export interface StatusEvent extends LegReport {
  readonly kind: 'status';
}

/** The dial hook: the state of the A leg, and how the dial ended. Jambonz sends no reason phrase in it. */
export interface DialResultEvent extends LegReport {
  readonly kind: 'dial_result';
  readonly dialCallSid: string | undefined;
  readonly dialCallStatus: CallStatus | undefined;
  readonly dialSipStatus: number | undefined;
  readonly dialSbcCallId: string | undefined;
}

export type CallEvent = StatusEvent | DialResultEvent;

/**
 * The id of the call that an event belongs to: the call_sid of its A leg, or its own if it has no parent. A dial hook
 * belongs to the leg that dialled, even if that leg was itself dialled.
 */
export function callIdOf(event: CallEvent): string {
  return event.kind === 'dial_result' ? event.callSid : (event.parentCallSid ?? event.callSid);
}
