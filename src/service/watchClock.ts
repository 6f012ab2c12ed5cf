import type { Logger } from 'pino';
import { ClockWatch } from '../loop/clockWatch.ts';

/** Watches the clock, and logs when it jumps. Both clocks in milliseconds; `now` since the epoch. */
export function watchClock(logger: Logger, now = Date.now, elapsed = () => performance.now()): ClockWatch {
  return new ClockWatch(now, elapsed, (byMs) =>
    logger.warn(
      { seconds: Math.round(byMs / 1000) },
      'the clock of this machine jumped: for an hour nothing is deleted or given up because of its age',
    ),
  );
}
