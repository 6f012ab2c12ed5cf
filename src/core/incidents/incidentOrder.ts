/** How incidents may be ordered. */
export const INCIDENT_SORTS = ['impact', 'newest', 'last'] as const;
export type IncidentSort = (typeof INCIDENT_SORTS)[number];

/** What an order may depend on. Times in epoch milliseconds. */
export interface Sortable {
  readonly id: string;
  readonly isOpen: boolean;
  readonly isMuted: boolean;
  readonly openedAt: number;
  readonly lastAt: number;
  /** Failed calls in the time that is shown. */
  readonly failed: number;
}

/** A place in an order: what it depends on, the greatest first, and the id. */
export interface OrderPlace {
  readonly keys: readonly number[];
  readonly id: string;
}

/**
 * `impact`: open ones before closed ones, muted ones after those that are not, then those with most failed calls.
 * `newest`: open ones, then those that opened last. `last`: those with the latest failed call.
 */
export function placeIn(sort: IncidentSort, incident: Sortable): OrderPlace {
  const { id, isOpen, isMuted, openedAt, lastAt, failed } = incident;
  switch (sort) {
    case 'impact':
      return { keys: [Number(isOpen), Number(!isMuted), failed, lastAt], id };
    case 'newest':
      return { keys: [Number(isOpen), openedAt], id };
    case 'last':
      return { keys: [lastAt], id };
  }
}

/** Negative if `a` comes before `b`. */
export function comparePlaces(a: OrderPlace, b: OrderPlace): number {
  for (const [i, key] of a.keys.entries()) {
    const difference = (b.keys[i] ?? 0) - key;
    if (difference !== 0) return difference;
  }
  return a.id === b.id ? 0 : a.id > b.id ? -1 : 1;
}
