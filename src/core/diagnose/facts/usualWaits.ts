import { AWAITED, type Awaited, type Waits } from '../../call/waits.ts';

/** A wait much longer than the usual one, in seconds. */
interface SlowWait {
  readonly seconds: number;
  readonly usualSeconds: number;
}

/** The slow waits of an attempt. */
export type SlowWaits = Readonly<Partial<Record<Awaited, SlowWait>>>;

/** How many attempts of a trunk are remembered, and of how many trunks. */
const ATTEMPTS_KEPT = 50;
const TRUNKS_KEPT = 200;
/** Fewer other attempts say nothing about what is usual. */
const ENOUGH = 20;

/** How many times the usual wait is slow. */
const TIMES_USUAL = 3;
/** How many seconds more than the usual wait is slow. Agents vary more than networks. */
const SECONDS_MORE: Record<Awaited, number> = { ringing: 2, answer: 5 };

/** What attempts are counted under whose trunk is not known, or that are not to LiveKit. */
const NO_TRUNK: readonly string[] = ['none', 'unknown'];

/** The waits of each trunk's latest attempts. Bounded. Empty after a restart. */
export class UsualWaits {
  readonly #trunks = new Map<string, Map<string, Waits>>();

  /** Notes an attempt, replacing an earlier note. Returns its slow waits; `undefined` if there are none, or too few others. */
  note(trunk: string, id: string, waits: Waits): SlowWaits | undefined {
    if (NO_TRUNK.includes(trunk) || AWAITED.every((until) => waits[until] === undefined)) return undefined;
    const noted = this.#trunks.get(trunk) ?? new Map<string, Waits>();
    noted.delete(id);
    const slow = slowOf(waits, [...noted.values()]);
    noted.set(id, waits);
    dropOldest(noted, ATTEMPTS_KEPT);
    this.#trunks.delete(trunk);
    this.#trunks.set(trunk, noted);
    dropOldest(this.#trunks, TRUNKS_KEPT);
    return slow;
  }
}

function slowOf(waits: Waits, others: readonly Waits[]): SlowWaits | undefined {
  const slow: Partial<Record<Awaited, SlowWait>> = {};
  for (const until of AWAITED) {
    const seconds = waits[until];
    const known = others.flatMap((other) => other[until] ?? []);
    if (seconds === undefined || known.length < ENOUGH) continue;
    // The median: one call that took a minute changes nothing.
    const usualSeconds = known.toSorted((a, b) => a - b)[known.length >> 1] ?? 0;
    const isSlow = seconds >= TIMES_USUAL * usualSeconds && seconds - usualSeconds >= SECONDS_MORE[until];
    if (isSlow) slow[until] = { seconds, usualSeconds };
  }
  return Object.keys(slow).length === 0 ? undefined : slow;
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
