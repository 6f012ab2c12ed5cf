import type { Judgement, TrunkJudgement } from '../../trunks/judge/judge.ts';
import { readDuration } from '../../trunks/media.ts';
import type { InboundTrunk } from '../../trunks/snapshot.ts';
import type { CallEnd } from './callEnd.ts';
import type { Progress } from './ending.ts';

/** A refused or reset connection fails within this time; a SIP answer from LiveKit's backend takes longer. */
const REFUSED_AT_ONCE_MS = 100;
/** The SIP stack gives up on a silent address after 64 × T1 (RFC 3261, timer B), and then tries the host's next one. */
export const TIMER_B_MS = 32_000;
/** How much earlier or later, in milliseconds, the webhook may come. */
export const SLACK_MS = 2_000;
/** Any response comes well within this time; a leg that ended later without one got no response at all. */
export const NO_ANSWER_MS = 5_000;
/** Callers who hang up sooner may simply not have waited for the agent. */
export const PATIENCE_SECONDS = 10;

/** Whether a response came as fast as a refused connection, without ringing before it. */
export function isAtOnce({ precise, elapsedMs, ringings }: Progress): boolean {
  return ringings === 0 && precise && elapsedMs !== undefined && elapsedMs <= REFUSED_AT_ONCE_MS;
}

/** Whether a response came without ringing and so late that an earlier address of the host must have been silent. */
export function isAfterSilence({ elapsedMs, ringings }: Progress): boolean {
  return ringings === 0 && elapsedMs !== undefined && elapsedMs >= TIMER_B_MS - SLACK_MS;
}

/** How much, in seconds, the ringing may differ from the trunk's ringing_timeout and still have been ended by it. */
const SLACK_SECONDS = 2;

/** How long, in seconds, livekit-sip rings where the trunk sets no ringing_timeout. Source: its `participant.go`. */
const DEFAULT_RINGING_TIMEOUT_SECONDS = 180;

/** The ringing timeout that ended the call: LiveKit then answers 486. */
export interface RangOut {
  readonly seconds: number;
  /** The trunk that sets it; `undefined` for LiveKit's own default. */
  readonly trunk: InboundTrunk | undefined;
}

/** The ringing timeout that the call reached; `undefined` if it reached none, or its ringing is unknown. */
export function rangOut(match: Judgement | undefined, progress: Progress): RangOut | undefined {
  // A ringing of unknown length is near no limit.
  const { ringSeconds = Number.NaN } = progress;
  const trunks = trunksOf(match).map(({ trunk }) => trunk);
  const limits = trunks.length > 0 ? trunks.map(limitOf) : [limitOf(undefined)];
  return limits.find(({ seconds }) => Math.abs(ringSeconds - seconds) <= SLACK_SECONDS);
}

function limitOf(trunk: InboundTrunk | undefined): RangOut {
  const own = trunk?.ringing_timeout_seconds;
  return own === undefined ? { seconds: DEFAULT_RINGING_TIMEOUT_SECONDS, trunk: undefined } : { seconds: own, trunk };
}

/** How much, in seconds, the length of a call may differ from a limit that ended it, if its times are exact. */
const END_SLACK_SECONDS = 0.5;
/** The same if the time of a webhook is known to the second only. */
const ROUGH_END_SLACK_SECONDS = 1.5;

/** Whether a call ended as long after its answer as a limit says. A leg that outlived LiveKit's side ended by no limit. */
export function hasReached({ seconds, precise, outlivedSeconds }: CallEnd, limit: number): boolean {
  if (seconds === undefined || outlivedSeconds !== undefined) return false;
  return Math.abs(seconds - limit) <= (precise ? END_SLACK_SECONDS : ROUGH_END_SLACK_SECONDS);
}

/** The trunk whose max_call_duration the call reached; `undefined` if it reached none. */
export function reachedLimit(match: Judgement | undefined, end: CallEnd | undefined): CallLimit | undefined {
  if (!end) return undefined;
  return trunksOf(match)
    .flatMap(({ trunk }) => {
      const seconds = readDuration(trunk.rest.max_call_duration);
      return seconds === undefined ? [] : [{ seconds, trunk }];
    })
    .find(({ seconds }) => hasReached(end, seconds));
}

/** A limit on the length of calls. */
interface CallLimit {
  readonly seconds: number;
  readonly trunk: InboundTrunk;
}

/** The trunk that matched the call; if an unknown field decides between several, every trunk that may have matched. */
function trunksOf(match: Judgement | undefined): readonly TrunkJudgement[] {
  if (match?.choice.kind === 'matched') return [match.choice.trunk];
  if (match?.choice.kind !== 'unknown') return [];
  return match.trunks.filter(
    ({ called, source, caller }) => called === 'pass' && source !== 'fail' && caller !== 'fail',
  );
}
