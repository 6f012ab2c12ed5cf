import type { CallStatus, DeclaredAuth, Direction, LegReport, Moment } from './callEvent.ts';

/** The final response of a leg, or its end. */
interface FinalReport extends Moment {
  readonly status: number | undefined;
  /** The reason phrase as Jambonz reports it. It may be stale, or the SBC's standard phrase in place of an empty one. */
  readonly reason: string | undefined;
  readonly callStatus: CallStatus;
}

/**
 * One leg, folded from its webhooks. Their order does not matter: the fold only counts, and keeps the earliest or the
 * latest of each kind.
 */
export interface Leg {
  readonly callSid: string;
  parentCallSid: string | undefined;
  direction: Direction | undefined;
  from: string | undefined;
  to: string | undefined;
  sbcCallId: string | undefined;
  terminatedBy: string | undefined;
  declaredAuth: DeclaredAuth | undefined;
  /** How long it was answered, in whole seconds, as its end reported; `undefined` until then. */
  durationSeconds: number | undefined;
  /** How many webhooks reported it. */
  reports: number;
  first: Moment;
  last: Moment;
  /** How many 18x responses were reported. */
  ringings: number;
  firstRinging: Moment | undefined;
  lastRinging: Moment | undefined;
  /** The first in-progress report: the far end answered. */
  answered: Moment | undefined;
  final: FinalReport | undefined;
}

export function newLeg(report: LegReport): Leg {
  const leg: Leg = {
    callSid: report.callSid,
    parentCallSid: undefined,
    direction: undefined,
    from: undefined,
    to: undefined,
    sbcCallId: undefined,
    terminatedBy: undefined,
    declaredAuth: undefined,
    durationSeconds: undefined,
    reports: 0,
    first: momentOf(report),
    last: momentOf(report),
    ringings: 0,
    firstRinging: undefined,
    lastRinging: undefined,
    answered: undefined,
    final: undefined,
  };
  return leg;
}

/** Adds one webhook to the leg. */
export function addReport(leg: Leg, report: LegReport): void {
  leg.parentCallSid ??= report.parentCallSid;
  leg.direction ??= report.direction;
  leg.from ??= report.from;
  leg.to ??= report.to;
  leg.sbcCallId ??= report.sbcCallId;
  leg.terminatedBy ??= report.terminatedBy;
  leg.declaredAuth ??= report.declaredAuth;
  leg.durationSeconds ??= report.durationSeconds;
  const moment = momentOf(report);
  leg.reports += 1;
  leg.first = earlier(leg.first, moment);
  leg.last = later(leg.last, moment);

  switch (report.callStatus) {
    case 'ringing':
    case 'early-media':
      leg.ringings += 1;
      leg.firstRinging = earlier(leg.firstRinging, moment);
      leg.lastRinging = later(leg.lastRinging, moment);
      return;
    case 'in-progress':
      leg.answered = earlier(leg.answered, moment);
      return;
    case 'completed':
    case 'failed':
    case 'busy':
    case 'no-answer':
      if (!leg.final || report.at < leg.final.at) {
        leg.final = { ...moment, status: report.sipStatus, reason: report.sipReason, callStatus: report.callStatus };
      }
      return;
    default:
      report.callStatus satisfies 'trying' | 'queued' | 'other';
  }
}

/** Whether the far end answered: it was seen in progress, or it ended as a completed call. */
export function wasAnswered(leg: Leg): boolean {
  return leg.answered !== undefined || leg.final?.callStatus === 'completed';
}

function momentOf({ at, receivedAt, precise }: Moment): Moment {
  return { at, receivedAt, precise };
}

function earlier(a: Moment | undefined, b: Moment): Moment {
  return a && a.at <= b.at ? a : b;
}

function later(a: Moment | undefined, b: Moment): Moment {
  return a && a.at > b.at ? a : b;
}
