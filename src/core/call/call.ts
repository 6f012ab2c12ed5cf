import type { CallEvent, CallStatus, Moment } from './callEvent.ts';
import { addReport, type Leg, newLeg, wasAnswered } from './leg.ts';

/** What the dial hook reported. */
export interface DialResult extends Moment {
  /** The leg that the hook names; `undefined` if the dial never created one. */
  readonly callSid: string | undefined;
  readonly status: number | undefined;
  readonly callStatus: CallStatus | undefined;
  readonly sbcCallId: string | undefined;
  /** The state of the leg that dialled. */
  readonly callerStatus?: CallStatus;
}

/** How many legs of one call are told apart. A queue may dial hundreds. */
export const MAX_LEGS = 500;
/** How many webhooks of one call are read: a 180 each second for four minutes, on twenty legs. */
export const MAX_WEBHOOKS = 5_000;

/** One call as Jambonz sees it: an A leg with the legs dialled from it, or a single leg. */
export interface Call {
  /** The A leg's call_sid. */
  readonly id: string;
  readonly legs: Map<string, Leg>;
  readonly dialResults: DialResult[];
  /** The call_sids of dialled legs, in the order of their first webhooks. */
  readonly dialled: Set<string>;
  /** How many webhooks were read. */
  webhooks: number;
}

export function newCall(id: string): Call {
  return { id, legs: new Map(), dialResults: [], dialled: new Set(), webhooks: 0 };
}

/**
 * Adds one event to its call. Returns whether it was read: it is left out if the call has too many webhooks, or if it
 * begins a leg and the call has too many of them. So the work and the memory for one call are bounded.
 */
export function addEvent(call: Call, event: CallEvent): boolean {
  const isKnown = call.legs.has(event.callSid) || event.callSid === call.id;
  if (call.webhooks >= MAX_WEBHOOKS || (!isKnown && call.legs.size >= MAX_LEGS)) return false;
  call.webhooks += 1;
  const leg = call.legs.get(event.callSid) ?? newLeg(event);
  call.legs.set(event.callSid, leg);
  addReport(leg, event);
  if (event.callSid !== call.id) call.dialled.add(event.callSid);
  if (event.kind === 'dial_result') {
    const { at, receivedAt, precise, dialCallSid } = event;
    const isFull = call.dialled.size >= MAX_LEGS;
    if (dialCallSid !== undefined && dialCallSid !== call.id && !isFull) call.dialled.add(dialCallSid);
    call.dialResults.push({
      at,
      receivedAt,
      precise,
      callSid: dialCallSid,
      status: event.dialSipStatus,
      callStatus: event.dialCallStatus,
      sbcCallId: event.dialSbcCallId,
      callerStatus: event.callStatus,
    });
  }
  return true;
}

/** The fields of the A leg that verdicts on its dialled legs use. */
const PARENT_FIELDS = ['firstRinging', 'answered', 'final', 'terminatedBy'] as const;
export type Parent = Pick<Leg, (typeof PARENT_FIELDS)[number]>;

/** One try to reach somebody: a dialled B leg, or the A leg itself if nothing was dialled. */
export interface Attempt {
  /**
   * Stays the same while more webhooks of the call arrive. The first attempt of a call has the call's id: it is the A
   * leg, and from the first webhook of a dialled leg on, that leg. Every other dialled leg has its own call_sid.
   */
  readonly id: string;
  /** The call_sid of the leg. */
  readonly callSid: string;
  /** `undefined` if only the dial hook names the leg. */
  readonly leg: Leg | undefined;
  /** The A leg, if the attempt is a dialled leg and a webhook of the A leg has arrived. */
  readonly parent: Readonly<Parent> | undefined;
  readonly isDialled: boolean;
  /** The dial hook that names this leg. */
  readonly dialResult: DialResult | undefined;
  /** The end of the dial that this leg was part of, even if the hook names another leg of that dial. */
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

/** The inputs of the verdict on an attempt, to compare: a webhook that changes none of them leaves the verdict valid. */
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

/** What attempts are built from. It is computed once per call, because a queue may dial hundreds of legs. */
interface CallIndex {
  readonly call: Call;
  /** The dialled leg with the first webhook. */
  readonly firstDialled: string | undefined;
  /** The first dial result that names each leg. */
  readonly resultOf: ReadonlyMap<string, DialResult>;
  /** In order of time. */
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

/** The largest gap, in milliseconds, between the first webhooks of one dial's legs. Jambonz dials all targets at once. */
const SAME_DIAL_MS = 5_000;

/** Whether two legs belong to one dial and not to a dial and its redial. A leg without webhooks may belong to any. */
function isSameDial(a: Leg | undefined, b: Leg | undefined): boolean {
  return a === undefined || b === undefined || Math.abs(a.first.at - b.first.at) <= SAME_DIAL_MS;
}

/** When another leg of the same dial was answered before this one ended. The dial hook comes only after the conversation. */
function siblingAnswer({ answered }: CallIndex, leg: Leg | undefined): Moment | undefined {
  if (!leg) return undefined;
  const { final } = leg;
  return answered.find((other) => other !== leg && isSameDial(leg, other) && (!final || final.at >= other.answered.at))
    ?.answered;
}

/** The dial hook, if it reports an answer and names the leg; `undefined` otherwise. */
function answerInDialResult(dialEnd: DialResult | undefined): Moment | undefined {
  return dialEnd?.callSid !== undefined && isAnswer(dialEnd) ? dialEnd : undefined;
}

/** The SIP Call-ID that the far end of an attempt sees; `undefined` before an 18x, a 200 or the dial hook. */
export function farEndCallId({ leg, dialResult }: Attempt): string | undefined {
  return leg?.sbcCallId ?? dialResult?.sbcCallId;
}

/** Whether the dial hook reports an answer. */
export function isAnswer(result: DialResult): boolean {
  return (
    result.callStatus === 'completed' ||
    result.callStatus === 'in-progress' ||
    (result.status !== undefined && result.status >= 200 && result.status < 300)
  );
}

/** Whether the far end of an attempt answered, as its own webhooks or its dial hook show. */
export function isAnswered({ leg, dialResult, dialEnd, isDialled }: Attempt): boolean {
  // The caller's leg was answered, but the dial failed before any webhook reported a dialled leg.
  if (!isDialled && dialEnd && !isAnswer(dialEnd)) return false;
  return (leg !== undefined && wasAnswered(leg)) || (dialResult !== undefined && isAnswer(dialResult));
}

/** How long a settled attempt took, in seconds. */
export interface Delays {
  /** From the leg's first report to its answer; `undefined` if it was not answered. */
  readonly setup: number | undefined;
  /** From the INVITE to the far end's first response; `undefined` for a leg that was not dialled, or if it is not known. */
  readonly postDial: number | undefined;
  /** From the last webhook to the verdict. */
  readonly verdict: number;
}

/** The delays of an attempt. `settledAt` in epoch milliseconds. */
export function delaysOf(attempt: Attempt, settledAt: number): Delays {
  const { leg } = attempt;
  return {
    setup: leg?.answered && (leg.answered.at - leg.first.at) / 1000,
    postDial: postDialDelaySeconds(attempt),
    verdict: (settledAt - (leg?.last.receivedAt ?? settledAt)) / 1000,
  };
}

/**
 * From the INVITE to the far end's first response that the caller notices: an 18x, or else the final response. RFC 6076
 * calls this session request delay and defines it for failed calls too.
 *
 * Jambonz reports a dialled leg as `trying` when it sends the INVITE. `undefined` if that report is lost, or if the
 * time of either event is known only to the second.
 */
function postDialDelaySeconds({ leg, isDialled }: Attempt): number | undefined {
  if (!leg || !isDialled) return undefined;
  const reported = [leg.firstRinging, leg.answered, leg.final].filter((moment) => moment !== undefined);
  const first = reported.reduce<Moment | undefined>((a, b) => (a && a.at <= b.at ? a : b), undefined);
  if (!first?.precise || !leg.first.precise || leg.first.at === first.at) return undefined;
  return (first.at - leg.first.at) / 1000;
}
