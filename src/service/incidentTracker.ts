import type { Site } from '../core/diagnose/facts/site.ts';
import { awaitsNextCall, bearingOf, dropsCalls, foldConnected } from '../core/incidents/connected.ts';
import type { SettledCall } from '../core/incidents/failure.ts';
import { closeIfQuiet, type Folded, type Incident, type IncidentEvent, isOpen } from '../core/incidents/incident.ts';
import { foldProbe, type Probed } from '../core/incidents/probed.ts';
import { causesUnder, recheck, weighAgain, wouldHaveFailed } from '../core/incidents/recheck.ts';
import type { Directory } from '../livekit/directory.ts';
import type { Clock } from '../loop/clockWatch.ts';
import { inSlices, pause } from '../loop/slices.ts';
import type { Incidents } from '../store/incidents/incidents.ts';
import type { SavedAttempts } from '../store/store.ts';

/** How long after an incident closed, in milliseconds, a call may still confirm that the cause is gone. */
const WATCHED_AFTER_CLOSING_MS = 24 * 3_600_000;
/** How often, in milliseconds, incidents are read again, because other replicas change them and time passes. */
export const REFRESH_EVERY_MS = 10_000;

export interface IncidentTrackerEvents {
  /** What this process saw happen to an incident. */
  onEvent(incident: Incident, event: IncidentEvent): void;
  /** How many incidents are open, by cause, when that may have changed. */
  onOpen(byCause: ReadonlyMap<string, number>): void;
  /** Which incidents are open, when one of them may have changed. */
  onChange(incidents: readonly Incident[]): void;
  /** When the store begins to fail, with the error; `undefined` when it works again. */
  onFailing(error: Error | undefined): void;
}

/** LiveKit's configuration now and at earlier times. */
type Configurations = Pick<Directory, 'at' | 'current' | 'latest'>;

interface IncidentTrackerParts {
  readonly incidents: Incidents;
  readonly site: Site;
  /** `undefined` if LiveKit's configuration is not read. */
  readonly configurations: Configurations | undefined;
  readonly clock: Clock;
  readonly events: IncidentTrackerEvents;
}

/**
 * Updates incidents when calls connect, the configuration changes, a probe answers, or time passes. The store itself
 * counts failed calls. All work runs in the background, one task at a time.
 */
export class IncidentTracker {
  readonly #store: Incidents;
  readonly #site: Site;
  readonly #configurations: Configurations | undefined;
  readonly #clock: Clock;
  readonly #events: IncidentTrackerEvents;
  /** Incidents that may still change, as last read. */
  #watched = new Map<string, Incident>();
  /** The configuration and the number of calls with which each incident was last rechecked. */
  readonly #rechecked = new Map<string, string>();
  #isCountStale = true;
  #isChanged = true;
  #isFailing = false;
  #turn: Promise<void> = Promise.resolve();

  constructor({ incidents, site, configurations, clock, events }: IncidentTrackerParts) {
    this.#store = incidents;
    this.#site = site;
    this.#configurations = configurations;
    this.#clock = clock;
    this.#events = events;
  }

  trunkName(trunk: string): string | undefined {
    return this.#configurations?.current?.trunksById.get(trunk)?.name;
  }

  /** Reports attempts that were saved. */
  saved({ firsts, ends, incidents, transitions }: SavedAttempts): void {
    for (const incident of incidents) this.#watch(incident);
    for (const { incident, event } of transitions) this.#tell(incident, event);
    if (transitions.length > 0) this.#enqueue(async () => {});
    if (this.#watched.size === 0) return;
    const answered = firsts.filter(({ record: { outcome } }) => outcome === 'connected' || outcome === 'dropped');
    const ended = ends.filter(({ record }) => record.outcome === 'connected');
    if (answered.length > 0) this.#enqueue(() => this.#connected(answered, (incident) => !dropsCalls(incident)));
    if (ended.length > 0) this.#enqueue(() => this.#connected(ended, dropsCalls));
  }

  /** Reports an incident that a person changed. */
  changed({ incident, event }: Folded): void {
    this.saved({ firsts: [], ends: [], incidents: [incident], transitions: event ? [{ incident, event }] : [] });
  }

  /** Reports that LiveKit's configuration was read. */
  configurationRead(): void {
    if (this.#watched.size > 0) this.#enqueue(() => this.#recheck());
  }

  probed(probe: Probed): void {
    if (this.#watched.size > 0) this.#enqueue(() => this.#each((incident) => foldProbe(incident, probe)));
  }

  /** Reads the incidents again, and closes those that have long been quiet. */
  refresh(): Promise<void> {
    return this.#enqueue(async () => {
      const now = this.#clock.now();
      const found = await this.#store.watched(now - WATCHED_AFTER_CLOSING_MS);
      // Other replicas open and close incidents too.
      this.#isCountStale = true;
      this.#watched = new Map();
      this.#isChanged = true;
      for (const incident of found) this.#watch(incident);
      for (const id of this.#rechecked.keys()) if (!this.#watched.has(id)) this.#rechecked.delete(id);
      if (this.#clock.isSteady) await this.#each((incident) => closeIfQuiet(incident, now));
      await this.#recheck();
    });
  }

  /** Tells which incidents are open, if one of them may have changed since the last time. */
  show(): void {
    if (this.#isChanged) this.#events.onChange([...this.#watched.values()].filter(isOpen));
    this.#isChanged = false;
  }

  /** Resolves once everything reported so far is processed. */
  settled(): Promise<void> {
    return this.#turn;
  }

  /** `isShown`: whether these calls can show that an incident's cause is gone. */
  async #connected(calls: readonly SettledCall[], isShown: (incident: Incident) => boolean): Promise<void> {
    for (const call of calls) {
      await this.#each((incident) => {
        if (!isShown(incident)) return undefined;
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
    const causesOf = causesUnder(this.#site, latest.snapshot);
    for (const incident of [...this.#watched.values()]) {
      const { id, calls } = incident;
      // The same calls with the same configuration have the same result.
      const asked = `${latest.firstSeenAt} ${calls}`;
      if (this.#rechecked.get(id) === asked) continue;
      await inSlices(weighAgain(incident, latest, causesOf));
      await this.#fold(id, (known) => recheck(known, this.#site, latest, this.#clock.now(), causesOf));
      this.#rechecked.set(id, asked);
    }
  }

  /** Applies a fold to each watched incident that it changes. */
  async #each(fold: (incident: Incident) => Folded | undefined): Promise<void> {
    for (const id of [...this.#watched.keys()]) {
      await pause();
      await this.#fold(id, fold);
    }
  }

  async #fold(id: string, fold: (incident: Incident) => Folded | undefined): Promise<void> {
    const known = this.#watched.get(id);
    if (!known || !fold(known)) return;
    const folded = await this.#store.change(id, this.#clock.now(), fold);
    if (!folded) return;
    this.#watch(folded.incident);
    if (folded.event) this.#tell(folded.incident, folded.event);
  }

  #tell(incident: Incident, event: IncidentEvent): void {
    this.#isCountStale = true;
    this.#events.onEvent(incident, event);
  }

  #watch(incident: Incident): void {
    this.#isChanged = true;
    if (isOpen(incident) || awaitsNextCall(incident)) this.#watched.set(incident.id, incident);
    else {
      this.#watched.delete(incident.id);
      this.#rechecked.delete(incident.id);
    }
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
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
