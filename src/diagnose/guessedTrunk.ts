import type { Judgement } from '../trunks/judge.ts';

/** Whether the called number is like none of any trunk, and several trunks may have been meant as well. */
export function isTrunkGuessed({ meant, equallyNear }: Judgement): boolean {
  return meant?.called === 'fail' && !meant.alike && equallyNear > 0;
}
