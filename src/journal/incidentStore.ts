import type { Folded, Incident, IncidentEvent } from '../incidents/incident.ts';

/** Something that happened to an incident, as it was then. */
export interface IncidentTransition {
  readonly event: IncidentEvent;
  readonly incident: Incident;
}

export interface IncidentFilter {
  readonly state: 'open' | 'closed' | 'all';
  /** Absent: any. */
  readonly cause?: readonly string[];
  readonly trunk?: readonly string[];
  readonly limit: number;
  /** The last incident of the page before. */
  readonly after?: { readonly isOpen: boolean; readonly openedAt: number; readonly id: string };
}

/** Incidents. `saveAttempts` counts the calls; what else shows that a cause is gone is folded in here. */
export interface IncidentStore {
  readonly notices: NoticeStore;
  find(id: string): Promise<Incident | undefined>;
  /** Open ones first, then the newest. */
  list(filter: IncidentFilter): Promise<Incident[]>;
  /** All that are open and those closed since a time in epoch milliseconds, up to a bounded number, the latest first. */
  watched(closedSince: number): Promise<Incident[]>;
  /** Those that changed after one that was given before, in the order of their changes. Times in epoch milliseconds. */
  changedSince(
    at: number,
    id: string,
    limit: number,
  ): Promise<{ readonly changedAt: number; readonly incident: Incident }[]>;
  /** How many are open, by cause. */
  countOpen(): Promise<ReadonlyMap<string, number>>;
  /**
   * Folds something into an incident as it is now, which may be another than was read before; resolves to what it
   * became, or `undefined` where the fold has nothing to say. `now` in epoch milliseconds.
   */
  change(id: string, now: number, fold: (incident: Incident) => Folded | undefined): Promise<Folded | undefined>;
}

/** What is to be told to one endpoint. */
export interface Notice {
  /** The same for each try. */
  readonly id: string;
  readonly endpoint: string;
  readonly event: IncidentEvent;
  readonly incident: Incident;
  /** Epoch milliseconds. */
  readonly madeAt: number;
  /** How often it was tried, this time included. */
  readonly tries: number;
}

/** What is to be told to others, until they took it. */
export interface NoticeStore {
  /** Names of the endpoints that are to be told of each transition from now on; none at first. */
  endpoints: readonly string[];
  /**
   * Takes the notice of one of the endpoints that is due first; nobody else gets it for the length of the lease.
   * `undefined` where none is due, or others are just taking it. Times in milliseconds.
   */
  claim(now: number, leaseMs: number): Promise<Notice | undefined>;
  /** It was taken, or given up. */
  remove(id: string): Promise<void>;
  /** It is to be tried again at a time in epoch milliseconds. */
  postpone(id: string, dueAt: number): Promise<void>;
  /** Keeps the latest ones only, and none made before a time; resolves to how many were dropped. */
  dropBeyond(kept: number, madeBefore: number): Promise<number>;
}
