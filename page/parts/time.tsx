import { ago, clock } from '../text/time.ts';

/** A time: clock time and how long ago; the tooltip has the full time in UTC. */
export function Time({ at, relative = true }: { at: string; relative?: boolean }) {
  return (
    <time dateTime={at} title={at} class="time">
      {clock(at)}
      {relative && <span class="quiet"> ({ago(at)})</span>}
    </time>
  );
}
