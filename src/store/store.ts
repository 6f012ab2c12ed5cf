import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { CallEvent } from '../core/call/callEvent.ts';
import type { LiveKitEvent } from '../core/call/livekitEvent.ts';
import type { SeenAttempt } from '../core/diagnose/facts/recentAttempts.ts';
import type { AttemptRecord } from '../core/diagnose/record.ts';
import type { Incident } from '../core/incidents/incident.ts';
import { AppliedChanges } from './appliedChanges.ts';
import { AttemptCounts } from './calls/attemptCounts.ts';
import { Calls } from './calls/attempts.ts';
import { CallLoader } from './calls/callLoader.ts';
import { DueCalls } from './calls/dueCalls.ts';
import { LiveKitEvents } from './calls/liveKitEvents.ts';
import { Search } from './calls/search.ts';
import { Configurations } from './configurations.ts';
import type { Database } from './database.ts';
import { IncidentSearch } from './incidents/incidentSearch.ts';
import { Incidents } from './incidents/incidents.ts';
import type { IncidentTransition } from './incidents/notices.ts';
import { migratePostgres, NewerSchema } from './migrate.ts';
import type { PostgresOptions } from './postgres/postgresDatabase.ts';
import { CallKinds } from './predictions/callKinds.ts';
import { Predictions } from './predictions/predictions.ts';
import { Retention } from './retention.ts';
import { SqliteDatabase } from './sqlite/sqliteDatabase.ts';

/** A settled attempt as it is stored. */
export interface StoredAttempt {
  /** Stays the same while more webhooks of the call arrive; see `Attempt`. */
  readonly id: string;
  /** The call_sid of its leg, as far as is known. */
  readonly callSid: string;
  readonly callId: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly settledAt: number;
  /** When the settled end of an answered attempt was first judged; absent in every other verdict. */
  readonly endedAt?: number;
  readonly record: AttemptRecord;
  /** What the diagnoses of other calls use of it; absent if it was not a call to LiveKit. */
  readonly seen?: SeenAttempt;
  /** The LiveKit room that it was joined to by numbers and time. A room joined by Call-ID is found by that again. */
  readonly roomByNumbers?: string;
}

/** A call as the API describes it: its first webhooks and attempts. */
export interface CallRecord {
  readonly callId: string;
  readonly events: readonly CallEvent[];
  readonly attempts: readonly (StoredAttempt & {
    /** The incident that counts it. */
    readonly incident?: { readonly id: string; readonly cause: string };
  })[];
  /** How many webhooks of Jambonz's and attempts are stored besides; absent for none. */
  readonly leftOut?: { readonly webhooks: number; readonly attempts: number };
  /** LiveKit's webhooks of the rooms that the call was in, including those of other callers in the same room. */
  readonly liveKitEvents: readonly LiveKitEvent[];
}

/** The result of saving attempts. */
export interface SavedAttempts {
  /** The attempts that were saved for the first time. Only these are counted. */
  readonly firsts: readonly StoredAttempt[];
  /** The attempts whose end was saved for the first time. Only these ends are counted. */
  readonly ends: readonly StoredAttempt[];
  /** Each incident that changed, as it is now. */
  readonly incidents: readonly Incident[];
  /** What happened to incidents, in this order. */
  readonly transitions: readonly IncidentTransition[];
}

export interface StoreOptions extends PostgresOptions {
  /** How long, in milliseconds, a statement waits while another process has locked the SQLite file. */
  readonly lockMs?: number | undefined;
  /** Makes the ids of incidents. Default: random ones. */
  readonly newIncidentId?: () => string;
}

/**
 * All stored data, in SQLite or in PostgreSQL. Rejections are failures of the environment, such as a full disk, and leave
 * the store unchanged.
 */
export class Store {
  /** Identifies this process in the calls that it claims and the attempts that it saves first. */
  readonly owner = `${hostname()}-${randomUUID()}`;
  readonly database: Database;
  readonly configurations: Configurations;
  readonly applied: AppliedChanges;
  readonly liveKit: LiveKitEvents;
  readonly incidents: Incidents;
  readonly incidentSearch: IncidentSearch;
  readonly callKinds: CallKinds;
  readonly predictions: Predictions;
  readonly search: Search;
  readonly counts: AttemptCounts;
  readonly retention: Retention;
  readonly calls: Calls;
  readonly due: DueCalls;
  readonly loader: CallLoader;
  /** Whether replicas share it. */
  readonly isShared: boolean;
  #isMigrated: boolean;

  private constructor(database: Database, isMigrated: boolean, newIncidentId?: () => string) {
    this.database = database;
    this.#isMigrated = isMigrated;
    this.isShared = database.dialect.isShared;
    this.configurations = new Configurations(database);
    this.applied = new AppliedChanges(database);
    this.liveKit = new LiveKitEvents(database);
    this.incidents = new Incidents(database, newIncidentId);
    this.incidentSearch = new IncidentSearch(database);
    this.callKinds = new CallKinds(database);
    this.predictions = new Predictions(database);
    this.search = new Search(database);
    this.counts = new AttemptCounts(database);
    this.retention = new Retention(database);
    this.calls = new Calls(database, this.liveKit, this.incidents, this.owner);
    this.loader = new CallLoader(database);
    this.due = new DueCalls(database, this.calls, this.owner);
  }

  /**
   * Opens a file or a `postgres://` URL. The latter also resolves while PostgreSQL is unavailable. Rejects if a newer
   * version wrote the store, or if the file is not a store.
   */
  static async open(url: string, { connections, answerMs, lockMs, newIncidentId }: StoreOptions = {}): Promise<Store> {
    if (!isPostgresUrl(url)) return new Store(await SqliteDatabase.open(url, undefined, lockMs), true, newIncidentId);
    const { PostgresDatabase } = await import('./postgres/postgresDatabase.ts');
    const store = new Store(new PostgresDatabase(url, { connections, answerMs }), false, newIncidentId);
    try {
      await store.ensureReady();
    } catch (error) {
      if (!(error instanceof NewerSchema)) return store;
      await store.close();
      throw error;
    }
    return store;
  }

  /** Resolves if the database is available and has this version's schema; migrates it if necessary. */
  async ensureReady(): Promise<void> {
    if (this.#isMigrated) await this.database.verify();
    else {
      await migratePostgres(this.database);
      // Before the first webhook is stored, so that it lands in its day.
      await this.retention.days.prepare(Date.now());
    }
    this.#isMigrated = true;
  }

  /** The deliveries stored last, the oldest first; none while the database is unavailable. */
  async recentDeliveries(): Promise<{ digest: string; receivedAt: number }[]> {
    if (!this.#isMigrated) return [];
    const latest = (table: string) =>
      `SELECT digest, received_at FROM (SELECT digest, received_at FROM ${table} ORDER BY seq DESC LIMIT ${RECENT_DELIVERIES}) AS ${table}_latest`;
    const rows = await this.database.all<{ digest: string; received_at: number }>(
      `${latest('events')} UNION ALL ${latest('livekit_events')} ORDER BY received_at`,
    );
    return rows.map(({ digest, received_at }) => ({ digest, receivedAt: received_at }));
  }

  close(): Promise<void> {
    return this.database.close();
  }
}

/** How many deliveries of each sender are recognised by the door after a restart. */
const RECENT_DELIVERIES = 2_000;

export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}
