import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Site } from '../core/diagnose/facts/site.ts';
import { awaitsNextCall, bearingOf, foldConnected } from '../core/incidents/connected.ts';
import type { SettledCall } from '../core/incidents/failure.ts';
import { type Folded, type Incident, type IncidentEvent, isOpen, putAway } from '../core/incidents/incident.ts';
import { foldProbe, type Probed } from '../core/incidents/probed.ts';
import { recheck, wouldHaveFailed } from '../core/incidents/recheck.ts';
import type { Directory } from '../livekit/directory.ts';
import type { Incidents } from '../store/incidents/incidents.ts';
import type { SavedAttempts } from '../store/store.ts';

/** How long after it was closed, in milliseconds, an incident may still be shown right by a call. */
const WATCHED_AFTER_CLOSING_MS = 24 * 3_600_000;
/** How often, in milliseconds, incidents are read again: other replicas change them, and time passes. */
export const LOOK_EVERY_MS = 10_000;

export interface IncidentTrackerEvents {
  /** What happened to an incident by what this process saw. */
  onEvent(incident: Incident, event: IncidentEvent): void;
  /** How many incidents are open, by cause, when that may have changed. */
  onOpen(byCause: ReadonlyMap<string, number>): void;
  /** When the store begins to fail, with the error, and when it does not any more. */
  onFailing(error: Error | undefined): void;
}

/** LiveKit's configuration through time. */
type Configurations = Pick<Directory, 'at' | 'current' | 'latest'>;

/**
 * Keeps incidents up to what is learnt: calls that connect, new configurations, probes, and time. What failed is counted
 * by the store itself. Everything happens in the background, one after the other.
 */
export class IncidentTracker {
  readonly #store: Incidents;
  readonly #site: Site;
  readonly #configurations: Configurations | undefined;
  readonly #now: () => number;
  readonly #events: IncidentTrackerEvents;
  /** Incidents of which more may be learnt, as last seen. */
  #watched = new Map<string, Incident>();
  /** By which configuration, and with how many calls, each was last judged again. */
  readonly #rechecked = new Map<string, string>();
  #isCountStale = true;
  #isFailing = false;
  #turn: Promise<void> = Promise.resolve();

  constructor(
    store: Incidents,
    site: Site,
    configurations: Configurations | undefined,
    now: () => number,
    events: IncidentTrackerEvents,
  ) {
    this.#store = store;
    this.#site = site;
    this.#configurations = configurations;
    this.#now = now;
    this.#events = events;
  }

  trunkName(trunk: string): string | undefined {
    return this.#configurations?.current?.trunks.find(({ sip_trunk_id }) => sip_trunk_id === trunk)?.name;
  }

  /** Takes note of attempts that were saved. */
  saved({ firsts, incidents, transitions }: SavedAttempts): void {
    for (const incident of incidents) this.#watch(incident);
    for (const { incident, event } of transitions) this.#tell(incident, event);
    if (transitions.length > 0) this.#then(async () => {});
    const connected = firsts.filter(({ record }) => record.outcome === 'connected');
    if (connected.length > 0 && this.#watched.size > 0) this.#then(() => this.#connected(connected));
  }

  /** Takes note that LiveKit's configuration was read. */
  configurationRead(): void {
    if (this.#watched.size > 0) this.#then(() => this.#recheck());
  }

  probed(probe: Probed): void {
    if (this.#watched.size > 0) this.#then(() => this.#each((incident) => foldProbe(incident, probe)));
  }

  /** Reads the incidents again, and puts away what has long been quiet. */
  look(): Promise<void> {
    return this.#then(async () => {
      const now = this.#now();
      const found = await this.#store.watched(now - WATCHED_AFTER_CLOSING_MS);
      // Other replicas open and close incidents as well.
      this.#isCountStale = true;
      this.#watched = new Map();
      for (const incident of found) this.#watch(incident);
      for (const id of this.#rechecked.keys()) if (!this.#watched.has(id)) this.#rechecked.delete(id);
      await this.#each((incident) => putAway(incident, now));
      await this.#recheck();
    });
  }

  /** Resolves once all that was noted is done. */
  settled(): Promise<void> {
    return this.#turn;
  }

  async #connected(calls: readonly SettledCall[]): Promise<void> {
    for (const call of calls) {
      await this.#each((incident) => {
        const failedThen = () => {
          const then = this.#configurations?.at(incident.last.at)?.snapshot;
          return then !== undefined && wouldHaveFailed(incident, this.#site, then, call);
        };
        return foldConnected(incident, call, bearingOf(incident, call, failedThen));
      });
    }
  }

  async #recheck(): Promise<void> {
    const latest = this.#configurations?.latest;
    if (!latest) return;
    for (const { id, calls } of [...this.#watched.values()]) {
      // The same calls by the same configuration have the same answer.
      const asked = `${latest.firstSeenAt} ${calls}`;
      if (this.#rechecked.get(id) === asked) continue;
      await this.#fold(id, (incident) => recheck(incident, this.#site, latest, this.#now()));
      this.#rechecked.set(id, asked);
      // Fifty calls through thousands of trunks take a while; webhooks come first.
      await nextTurn();
    }
  }

  /** Folds something into each incident of which, as last seen, there is something to say. */
  async #each(fold: (incident: Incident) => Folded | undefined): Promise<void> {
    for (const id of [...this.#watched.keys()]) await this.#fold(id, fold);
  }

  async #fold(id: string, fold: (incident: Incident) => Folded | undefined): Promise<void> {
    const known = this.#watched.get(id);
    if (!known || !fold(known)) return;
    const folded = await this.#store.change(id, this.#now(), fold);
    if (!folded) return;
    this.#watch(folded.incident);
    if (folded.event) this.#tell(folded.incident, folded.event);
  }

  #tell(incident: Incident, event: IncidentEvent): void {
    this.#isCountStale = true;
    this.#events.onEvent(incident, event);
  }

  #watch(incident: Incident): void {
    if (isOpen(incident) || awaitsNextCall(incident)) this.#watched.set(incident.id, incident);
    else {
      this.#watched.delete(incident.id);
      this.#rechecked.delete(incident.id);
    }
  }

  #then(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      try {
        await work();
        if (this.#isCountStale) this.#events.onOpen(await this.#store.countOpen());
        this.#isCountStale = false;
        if (this.#isFailing) this.#events.onFailing(undefined);
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) this.#events.onFailing(error instanceof Error ? error : new Error(String(error)));
        this.#isFailing = true;
      }
    });
    return this.#turn;
  }
}
