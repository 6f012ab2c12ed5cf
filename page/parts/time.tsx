import { ago, clock } from '../text/time.ts';

/** A moment: when by the clock, and how long ago; the whole of it in UTC on pointing at it. */
export function Time({ at, relative = true }: { at: string; relative?: boolean }) {
  return (
    <time dateTime={at} title={at} class="time">
      {clock(at)}
      {relative && <span class="quiet"> ({ago(at)})</span>}
    </time>
  );
}
