import type { CallEvent } from '../core/call/callEvent.ts';

/** How many jumps are remembered. */
const REMEMBERED = 10;

interface Shift {
  /** Webhooks that arrived up to here, in epoch milliseconds, arrived before the clock was set forward. */
  readonly until: number;
  readonly byMs: number;
}

/**
 * Jumps of the wall clock while calls are open. A jump makes no webhook older or younger: settling runs on times of
 * arrival, so those from before a jump are moved with the clock.
 */
export class TimeShifts {
  #shifts: readonly Shift[] = [];

  /** Notes that the clock jumped to `now`, in epoch milliseconds. */
  add(byMs: number, now: number): void {
    this.#shifts =
      byMs > 0
        ? [...this.#shifts, { until: now - byMs, byMs }].slice(-REMEMBERED)
        : // What was set forward is set back.
          this.#shifts.map((shift) => ({ ...shift, byMs: shift.byMs + byMs })).filter((shift) => shift.byMs > 0);
  }

  /** Events with their times of arrival as if the clock had always been right. Nothing arrived later than `now`. */
  apply(events: readonly CallEvent[], now: number): readonly CallEvent[] {
    return events.map((event) => {
      const receivedAt = Math.min(now, this.#shifted(event.receivedAt));
      return receivedAt === event.receivedAt ? event : { ...event, receivedAt };
    });
  }

  #shifted(receivedAt: number): number {
    const shifts = this.#shifts.filter(({ until }) => receivedAt <= until);
    return shifts.reduce((at, { byMs }) => at + byMs, receivedAt);
  }
}
