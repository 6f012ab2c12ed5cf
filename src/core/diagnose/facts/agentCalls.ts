import type { Attempt } from '../../call/call.ts';
import { indexKey } from '../../call/storedText.ts';
import { type CallEnd, SHORT_SECONDS } from './callEnd.ts';
import type { Facts } from './facts.ts';
import type { Admitted } from './liveKitReport.ts';

/** An answered call, as far as it tells whether callers hear their agent. */
export interface AgentCall {
  /** The dispatch rule that LiveKit names: it decides which agent takes the call. */
  readonly rule: string;
  /** Epoch milliseconds. */
  readonly answeredAt: number;
  /** After how many seconds its caller hung up on an agent that could speak; absent for every other call. */
  readonly hungUpAfter?: number;
  /** Part of a run of such hang-ups that is not usual, so it says nothing about what is usual. */
  readonly isUnusual?: true;
}

/** So many of some calls were hung up within seconds. */
export interface HangUpShare {
  readonly hungUp: number;
  readonly calls: number;
}

/** The hang-ups around a call whose own caller hung up within seconds. */
export interface HangUps extends HangUpShare {
  /** The calls before them; absent if too few are known. */
  readonly usual?: HangUpShare;
}

/** A caller who hangs up sooner, in seconds, has not waited for a word. */
const LEAST_SECONDS = 2;
/** How much later than the answer, in milliseconds, the webhook of the agent's audio may come. livekit-sip answers at that audio. */
const SAME_MOMENT_MS = 1_000;

/** The call of an attempt that was answered; `undefined` if LiveKit's webhooks do not name its rule, or if nothing tells when it was answered. */
export function agentCallOf({ leg }: Attempt, { end, livekit }: Pick<Facts, 'end' | 'livekit'>): AgentCall | undefined {
  if (livekit.kind !== 'admitted' || livekit.rule === undefined || !leg?.answered) return undefined;
  const call = { rule: indexKey(livekit.rule), answeredAt: leg.answered.at };
  const seconds = end && soonSeconds(end, livekit);
  const couldSpeak = audioAt(livekit, leg.first.at) <= call.answeredAt + SAME_MOMENT_MS;
  return seconds !== undefined && couldSpeak ? { ...call, hungUpAfter: seconds } : call;
}

function soonSeconds({ by, seconds, precise, aloneSeconds }: CallEnd, livekit: Admitted): number | undefined {
  if (by !== 'caller' || seconds === undefined || !precise) return undefined;
  if (seconds < LEAST_SECONDS || seconds >= SHORT_SECONDS) return undefined;
  // Without LiveKit's reason, LiveKit may have lost the call. With other people there, one of them may have spoken.
  const isHangUp = livekit.leftBecause === 'CLIENT_INITIATED' && aloneSeconds === undefined && !livekit.hasOthers;
  return isHangUp ? seconds : undefined;
}

function audioAt({ seconds }: Admitted, beganAt: number): number {
  return seconds.audio === undefined ? Number.POSITIVE_INFINITY : beganAt + seconds.audio * 1_000;
}

/** How many calls of a rule are remembered, and of how many rules. */
const CALLS_KEPT = 500;
const RULES_KEPT = 200;

/** A call with its id and the time of its verdict, in epoch milliseconds. */
interface JudgedCall {
  readonly id: string;
  readonly judgedAt: number;
  readonly call: AgentCall;
}

interface Remembered extends AgentCall {
  readonly judgedAt: number;
}

/**
 * The latest answered calls of each dispatch rule, from their answer on: a call that goes on was not hung up. If only
 * ended calls counted, a rule whose callers begin to call would seem to have short calls alone. Bounded.
 */
export class AgentCalls {
  readonly #rules = new Map<string, Map<string, Remembered>>();

  /** Notes a call, replacing an earlier note. Returns the hang-ups around it if its caller hung up within seconds, as most callers before. */
  note({ id, judgedAt, call }: JudgedCall): HangUps | undefined {
    const calls = this.#remember({ id, judgedAt, call });
    const found = call.hungUpAfter === undefined ? undefined : mostHangUps(id, { ...call, judgedAt }, calls);
    if (!found) return undefined;
    const { run, ...hangUps } = found;
    // Otherwise an outage would soon be what is usual.
    if (hangUps.usual) for (const [one, known] of run) calls.set(one, { ...known, isUnusual: true });
    return hangUps;
  }

  /** Notes calls that were judged elsewhere, if they are new here or were judged again. */
  catchUp(judged: readonly JudgedCall[]): void {
    for (const one of judged) {
      const known = this.#rules.get(one.call.rule)?.get(one.id);
      if (!known || known.judgedAt < one.judgedAt) this.#remember(one);
    }
  }

  #remember({ id, judgedAt, call }: JudgedCall): Map<string, Remembered> {
    const calls = this.#rules.get(call.rule) ?? new Map<string, Remembered>();
    this.#rules.delete(call.rule);
    this.#rules.set(call.rule, calls);
    const isUnusual = call.hungUpAfter === undefined ? undefined : calls.get(id)?.isUnusual;
    calls.set(id, { ...call, ...(isUnusual && { isUnusual }), judgedAt });
    if (calls.size > CALLS_KEPT) calls.delete(leastNeeded(calls));
    for (const oldest of this.#rules.keys()) {
      if (this.#rules.size <= RULES_KEPT) break;
      this.#rules.delete(oldest);
    }
    return calls;
  }
}

/** The oldest call of a long run of hang-ups, if there is one, so that what is usual stays known; else the oldest call. */
function leastNeeded(calls: ReadonlyMap<string, Remembered>): string {
  const ids = [...calls.keys()];
  const [oldest = ''] = ids;
  return ids.slice(0, -2 * LATEST).find((id) => calls.get(id)?.isUnusual) ?? oldest;
}

/** How many calls, the one in question included, are compared with those before. */
const LATEST = 20;
/** How long before the call in question, in milliseconds, they were answered at most. */
const WINDOW_MS = 60 * 60_000;
/** Fewer calls have no share worth a name. */
const LEAST_CALLS = 8;
/** Callers of most of them hung up. */
const LEAST_SHARE = 0.7;
/** How many times the usual share it is. Where callers never stay for long, that is usual. */
const TIMES_USUAL = 3;
/** Fewer calls say nothing about what is usual. */
const ENOUGH = 20;

type Entry = readonly [id: string, call: Remembered];

function mostHangUps(
  id: string,
  call: Remembered,
  calls: ReadonlyMap<string, Remembered>,
): (HangUps & { readonly run: readonly Entry[] }) | undefined {
  const { answeredAt, hungUpAfter = 0 } = call;
  const others = [...calls].filter(([other]) => other !== id).sort(([, a], [, b]) => a.answeredAt - b.answeredAt);
  // Up to this call, those that still go on are not hung up. Where calls come fast, most of the latest still go on: then
  // only calls that are as old as a hang-up count.
  for (const until of [answeredAt, answeredAt - (SHORT_SECONDS - hungUpAfter) * 1_000]) {
    const known = others.filter(([, other]) => other.answeredAt <= until);
    const inWindow = known.filter(([, other]) => other.answeredAt >= answeredAt - WINDOW_MS);
    const latest: readonly Entry[] = [...inWindow.slice(1 - LATEST), [id, call]];
    const share = shareOf(latest);
    if (share.calls < LEAST_CALLS || share.hungUp < LEAST_SHARE * share.calls) continue;
    const usual = shareOf(known.slice(0, known.length + 1 - latest.length).filter(([, { isUnusual }]) => !isUnusual));
    const run = latest.filter(isHungUp);
    if (usual.calls < ENOUGH) return { ...share, run };
    if (share.hungUp * usual.calls >= TIMES_USUAL * usual.hungUp * share.calls) return { ...share, usual, run };
  }
  return undefined;
}

function shareOf(calls: readonly Entry[]): HangUpShare {
  return { hungUp: calls.filter(isHungUp).length, calls: calls.length };
}

function isHungUp([, { hungUpAfter }]: Entry): boolean {
  return hungUpAfter !== undefined;
}
