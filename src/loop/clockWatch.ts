/** How far, in milliseconds, the wall clock may differ from the monotonic clock between two looks. More is a jump. */
const JUMP_MS = 2_000;
/** How long, in milliseconds, the wall clock must have run without a jump before it decides that something is too old. */
export const STEADY_AFTER_MS = 3_600_000;

/** The wall clock, and whether it can be trusted. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Whether it has run steadily for an hour. Until then nothing is deleted or given up because of its age. */
  readonly isSteady: boolean;
}

/**
 * Watches the wall clock against the monotonic clock, which no administrator, NTP server or resumed machine changes. A
 * clock that was wrong at the start cannot be told from a right one, so the first hour does not count either: meanwhile
 * it is usually corrected, and that is a jump.
 */
export class ClockWatch implements Clock {
  readonly #now: () => number;
  readonly #elapsed: () => number;
  readonly #onJump: (byMs: number) => void;
  #offset: number;
  #steadySince: number;
  #jumpedBy = 0;

  /** `elapsed` is the monotonic clock, in milliseconds. `onJump` is called with how far the wall clock jumped. */
  constructor(now: () => number, elapsed: () => number, onJump: (byMs: number) => void = () => {}) {
    this.#now = now;
    this.#elapsed = elapsed;
    this.#onJump = onJump;
    this.#steadySince = elapsed();
    this.#offset = now() - this.#steadySince;
  }

  now(): number {
    return this.#now();
  }

  /** A clock that begins at a time, in epoch milliseconds, and runs as the monotonic clock does. */
  from(began: number): () => number {
    const elapsed = this.#elapsed();
    return () => began + Math.floor(this.#elapsed() - elapsed);
  }

  get isSteady(): boolean {
    this.#look();
    return this.#elapsed() - this.#steadySince >= STEADY_AFTER_MS;
  }

  /** How far, in milliseconds, the wall clock has jumped since this was last asked: 0 for no jump. */
  takeJump(): number {
    this.#look();
    const by = this.#jumpedBy;
    this.#jumpedBy = 0;
    return by;
  }

  #look(): void {
    const elapsed = this.#elapsed();
    const offset = this.#now() - elapsed;
    const by = offset - this.#offset;
    // Small corrections, as NTP makes them, are followed.
    this.#offset = offset;
    if (Math.abs(by) < JUMP_MS) return;
    this.#steadySince = elapsed;
    this.#jumpedBy += by;
    this.#onJump(by);
  }
}

/** Whether so many milliseconds have passed since a time. Also true if the clock was set back by as much. */
export function hasPassed(milliseconds: number, since: number, now: number): boolean {
  return Math.abs(now - since) >= milliseconds;
}
