import type { CallEvent, CallStatus, Moment } from './callEvent.ts';
import { addReport, type Leg, newLeg, wasAnswered } from './leg.ts';

/** What the dial hook said. */
export interface DialResult extends Moment {
  /** The leg that the dial reports on; `undefined` when it never made one. */
  readonly callSid: string | undefined;
  readonly status: number | undefined;
  readonly callStatus: CallStatus | undefined;
  readonly sbcCallId: string | undefined;
}

/** One call as Jambonz sees it: an A leg with the legs dialled from it, or a single leg. */
export interface Call {
  /** The A leg's call_sid. */
  readonly id: string;
  readonly legs: Map<string, Leg>;
  readonly dialResults: DialResult[];
  /** The call_sids of dialled legs, in the order in which they were first heard of. */
  readonly dialled: Set<string>;
}

export function newCall(id: string): Call {
  return { id, legs: new Map(), dialResults: [], dialled: new Set() };
}

/** Adds one event to its call. */
export function addEvent(call: Call, event: CallEvent): void {
  const leg = call.legs.get(event.callSid) ?? newLeg(event);
  call.legs.set(event.callSid, leg);
  addReport(leg, event);
  if (event.callSid !== call.id) call.dialled.add(event.callSid);
  if (event.kind === 'dial_result') {
    const { at, receivedAt, precise, dialCallSid } = event;
    if (dialCallSid !== undefined && dialCallSid !== call.id) call.dialled.add(dialCallSid);
    call.dialResults.push({
      at,
      receivedAt,
      precise,
      callSid: dialCallSid,
      status: event.dialSipStatus,
      callStatus: event.dialCallStatus,
      sbcCallId: event.dialSbcCallId,
    });
  }
}

/** What is read of the A leg of a dialled leg. */
const PARENT_FIELDS = ['firstRinging', 'answered', 'final', 'terminatedBy'] as const;
export type Parent = Pick<Leg, (typeof PARENT_FIELDS)[number]>;

/** One try to reach somebody: a dialled B leg, or the A leg itself where nothing was dialled. */
export interface Attempt {
  /**
   * Stays the same while more is heard of the call. The first attempt of a call has the call's id: it is the A leg, and,
   * once a dialled leg is heard of, the leg that was heard of first. Each further dialled leg has its call_sid.
   */
  readonly id: string;
  /** Of the leg. */
  readonly callSid: string;
  /** `undefined` when only the dial hook tells of the leg. */
  readonly leg: Leg | undefined;
  /** The A leg, where the attempt is a dialled leg and the A leg was heard of. */
  readonly parent: Readonly<Parent> | undefined;
  readonly isDialled: boolean;
  /** The dial hook that names this leg. */
  readonly dialResult: DialResult | undefined;
  /** The end of the dial that this leg was part of, also where the hook names another of its legs. */
  readonly dialEnd: DialResult | undefined;
  /** When another leg of the same dial was answered instead of this one; `undefined` when none was. */
  readonly lostToSibling: Moment | undefined;
}

/**
 * The attempts of a call, in the order in which their legs began.
 * A leg that only a dial hook names is an attempt too: its own webhooks may be lost.
 */
export function attemptsOf(call: Call): Attempt[] {
  const own = call.legs.get(call.id);
  const index = indexOf(call);
  if (call.dialled.size === 0) return own ? [attemptOf(index, own.callSid, undefined)] : [];
  const began = (sid: string) => call.legs.get(sid)?.first.at ?? Number.POSITIVE_INFINITY;
  return [...call.dialled]
    .sort((a, b) => began(a) - began(b) || (a < b ? -1 : 1))
    .map((sid) => attemptOf(index, sid, own));
}

/** All of its call that the verdict on an attempt rests on, for comparing: a webhook that changes none of it is no news. */
export function verdictInputs({ callSid, leg, parent, dialEnd, lostToSibling }: Attempt): readonly unknown[] {
  return [
    callSid,
    leg?.reports,
    dialEnd,
    lostToSibling,
    parent !== undefined,
    ...PARENT_FIELDS.map((key) => parent?.[key]),
  ];
}

/** What each attempt is made from, found once for all of a call: a queue may dial hundreds of legs. */
interface CallIndex {
  readonly call: Call;
  /** The dialled leg that was heard of first. */
  readonly firstDialled: string | undefined;
  /** The first that was heard of each leg that is named. */
  readonly resultOf: ReadonlyMap<string, DialResult>;
  /** In the order of their times. */
  readonly results: readonly DialResult[];
  /** Dialled legs that were answered. */
  readonly answered: readonly (Leg & { readonly answered: Moment })[];
}

function indexOf(call: Call): CallIndex {
  const resultOf = new Map<string, DialResult>();
  for (const result of call.dialResults) {
    if (result.callSid !== undefined && !resultOf.has(result.callSid)) resultOf.set(result.callSid, result);
  }
  const dialled = [...call.legs.values()].filter(({ callSid }) => callSid !== call.id);
  const hasAnswer = (leg: Leg): leg is Leg & { answered: Moment } => leg.answered !== undefined;
  return {
    call,
    firstDialled: call.dialled.values().next().value,
    resultOf,
    results: call.dialResults.toSorted((a, b) => a.at - b.at),
    answered: dialled.filter(hasAnswer),
  };
}

function attemptOf(index: CallIndex, callSid: string, parent: Leg | undefined): Attempt {
  const { call, firstDialled, resultOf, results } = index;
  const leg = call.legs.get(callSid);
  const isDialled = callSid !== call.id;
  const id = isDialled && callSid !== firstDialled ? callSid : call.id;
  const dialResult = resultOf.get(callSid);
  const began = leg?.first.at ?? Number.NEGATIVE_INFINITY;
  const isOfThisDial = ({ at, callSid: named }: DialResult) =>
    at >= began && (named === undefined || isSameDial(leg, call.legs.get(named)));
  const dialEnd = dialResult ?? results.find(isOfThisDial);
  const isAnswered = (leg && wasAnswered(leg)) || (dialResult && isAnswer(dialResult));
  const lostToSibling =
    isDialled && !isAnswered ? (siblingAnswer(index, leg) ?? answerInDialResult(dialEnd)) : undefined;
  return { id, callSid, leg, parent, isDialled, dialResult, dialEnd, lostToSibling };
}

/** How far apart, in milliseconds, the first webhooks of one dial's legs may be: Jambonz dials all targets at once. */
const SAME_DIAL_MS = 5_000;

/** Whether two legs are of one dial, not of one dial and a redial. A leg that is not known may be of any. */
function isSameDial(a: Leg | undefined, b: Leg | undefined): boolean {
  return a === undefined || b === undefined || Math.abs(a.first.at - b.first.at) <= SAME_DIAL_MS;
}

/** When another leg of the same dial answered, before this one ended; its dial hook comes only after the conversation. */
function siblingAnswer({ answered }: CallIndex, leg: Leg | undefined): Moment | undefined {
  if (!leg) return undefined;
  const { final } = leg;
  return answered.find((other) => other !== leg && isSameDial(leg, other) && (!final || final.at >= other.answered.at))
    ?.answered;
}

/** What the dial hook says of an answer, where it names the leg that answered. */
function answerInDialResult(dialEnd: DialResult | undefined): Moment | undefined {
  return dialEnd?.callSid !== undefined && isAnswer(dialEnd) ? dialEnd : undefined;
}

/** The SIP Call-ID that the far end of an attempt sees; `undefined` until an 18x or a 200 came, or the dial hook. */
export function farEndCallId({ leg, dialResult }: Attempt): string | undefined {
  return leg?.sbcCallId ?? dialResult?.sbcCallId;
}

/** Whether the dial hook says that somebody answered. */
export function isAnswer(result: DialResult): boolean {
  return (
    result.callStatus === 'completed' ||
    result.callStatus === 'in-progress' ||
    (result.status !== undefined && result.status >= 200 && result.status < 300)
  );
}

/** How long a settled attempt took, in seconds. */
export interface Delays {
  /** From the leg's first report to its answer; `undefined` where it was not answered. */
  readonly setup: number | undefined;
  /** `undefined` for a leg that was not dialled, and where its reports do not tell. */
  readonly postDial: number | undefined;
  /** From the last webhook to the verdict. */
  readonly verdict: number;
}

/** What is to be measured of an attempt that was settled at a time in epoch milliseconds. */
export function delaysOf(attempt: Attempt, settledAt: number): Delays {
  const { leg } = attempt;
  return {
    setup: leg?.answered && (leg.answered.at - leg.first.at) / 1000,
    postDial: postDialDelaySeconds(attempt),
    verdict: (settledAt - (leg?.last.receivedAt ?? settledAt)) / 1000,
  };
}

/**
 * From the INVITE to the first word of the far end that the caller notices: an 18x, or the final response where none
 * came. RFC 6076 calls it session request delay, and has it for failed calls too.
 *
 * Jambonz reports a dialled leg as `trying` when the INVITE is sent. Where that report is lost, or either of the two is
 * dated by its signature to the second, nothing is measured.
 */
function postDialDelaySeconds({ leg, isDialled }: Attempt): number | undefined {
  if (!leg || !isDialled) return undefined;
  const reported = [leg.firstRinging, leg.answered, leg.final].filter((moment) => moment !== undefined);
  const first = reported.reduce<Moment | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
  if (!first?.precise || !leg.first.precise || leg.first.at === first.at) return undefined;
  return (first.at - leg.first.at) / 1000;
}
