import type { Judgement } from '../trunks/judge.ts';
import type { Progress } from './ending.ts';

/** How far, in seconds, the ringing may be from the trunk's ringing_timeout to have been ended by it. */
const SLACK_SECONDS = 2;

/** Whether the call rang for as long as the trunk's ringing_timeout allows: LiveKit then answers 486. */
export function rangOut(match: Judgement | undefined, { ringSeconds }: Progress): boolean {
  // Where a field of the trunk is not known, that the call rang as an admitted one does says that it passed.
  const isTrunkKnown =
    match?.choice.kind === 'matched' || (match?.choice.kind === 'unknown' && match.meant?.called === 'pass');
  const limit = isTrunkKnown ? match.meant?.trunk.ringing_timeout_seconds : undefined;
  return limit !== undefined && ringSeconds !== undefined && Math.abs(ringSeconds - limit) <= SLACK_SECONDS;
}
