import type { Judgement, TrunkJudgement } from '../trunks/judge.ts';
import type { Progress } from './ending.ts';

/** How far, in seconds, the ringing may be from the trunk's ringing_timeout to have been ended by it. */
const SLACK_SECONDS = 2;

/** Whether the call rang for as long as the trunk's ringing_timeout allows: LiveKit then answers 486. */
export function rangOut(match: Judgement | undefined, { ringSeconds }: Progress): boolean {
  if (ringSeconds === undefined) return false;
  return trunksOf(match).some(({ trunk: { ringing_timeout_seconds: limit } }) => {
    return limit !== undefined && Math.abs(ringSeconds - limit) <= SLACK_SECONDS;
  });
}

/** The trunk that took the call; where a field that is not known decides between several, each that may have. */
function trunksOf(match: Judgement | undefined): readonly TrunkJudgement[] {
  if (match?.choice.kind === 'matched') return [match.choice.trunk];
  if (match?.choice.kind !== 'unknown') return [];
  return match.trunks.filter(
    ({ called, source, caller }) => called === 'pass' && source !== 'fail' && caller !== 'fail',
  );
}
