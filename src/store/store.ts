import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { CallEvent } from '../core/call/callEvent.ts';
import type { LiveKitEvent } from '../core/call/livekitEvent.ts';
import type { SeenAttempt } from '../core/diagnose/facts/recentAttempts.ts';
import type { AttemptRecord } from '../core/diagnose/record.ts';
import type { Incident } from '../core/incidents/incident.ts';
import { Calls } from './calls/attempts.ts';
import { CallLoader } from './calls/callLoader.ts';
import { DueCalls } from './calls/dueCalls.ts';
import { LiveKitEvents } from './calls/liveKitEvents.ts';
import { Search } from './calls/search.ts';
import { Configurations } from './configurations.ts';
import type { Database } from './database.ts';
import { Incidents } from './incidents/incidents.ts';
import type { IncidentTransition } from './incidents/notices.ts';
import { migratePostgres, NewerSchema } from './migrate.ts';
import { isRefusedByPostgres, PostgresDatabase } from './postgres/postgresDatabase.ts';
import { Retention } from './retention.ts';
import { isRefusedBySqlite, SqliteDatabase } from './sqlite/sqliteDatabase.ts';

/** What is kept of a settled attempt. */
export interface StoredAttempt {
  /** Stays the same while more is heard of the call; see `Attempt`. */
  readonly id: string;
  /** Of the leg that it is, as far as is known. */
  readonly callSid: string;
  readonly callId: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly settledAt: number;
  readonly record: AttemptRecord;
  /** What the diagnoses of other calls are told of it, where it was to LiveKit. */
  readonly seen?: SeenAttempt;
  /** The room of LiveKit's that was joined by numbers and time; one joined by Call-ID is found again by that. */
  readonly roomByNumbers?: string;
}

export interface CallRecord {
  readonly callId: string;
  readonly events: readonly CallEvent[];
  readonly attempts: readonly StoredAttempt[];
  /** LiveKit's webhooks of the rooms that the call was in, other callers' in the same room included. */
  readonly liveKitEvents: readonly LiveKitEvent[];
}

/** What came of saving attempts. */
export interface SavedAttempts {
  /** Those that are kept for the first time: these, and only these, are counted. */
  readonly firsts: readonly StoredAttempt[];
  /** Each incident that they changed, as it is now. */
  readonly incidents: readonly Incident[];
  /** What happened to incidents, in this order. */
  readonly transitions: readonly IncidentTransition[];
}

/**
 * Where everything lasting is kept, in SQLite or in PostgreSQL. Rejections are failures of the environment (a full disk,
 * say), and leave the store as it was.
 */
export class Store {
  /** This process, as calls that it has claimed and verdicts that it was the first to give name it. */
  readonly owner = `${hostname()}-${randomUUID()}`;
  readonly database: Database;
  readonly configurations: Configurations;
  readonly liveKit: LiveKitEvents;
  readonly incidents: Incidents;
  readonly search: Search;
  readonly retention: Retention;
  readonly calls: Calls;
  readonly due: DueCalls;
  readonly loader: CallLoader;
  /** Whether replicas share it. */
  readonly isShared: boolean;
  #isMigrated: boolean;

  private constructor(database: Database, isMigrated: boolean) {
    this.database = database;
    this.#isMigrated = isMigrated;
    this.isShared = database.dialect.isShared;
    this.configurations = new Configurations(database);
    this.liveKit = new LiveKitEvents(database);
    this.incidents = new Incidents(database);
    this.search = new Search(database);
    this.retention = new Retention(database);
    this.calls = new Calls(database, this.liveKit, this.incidents, this.owner);
    this.loader = new CallLoader(database);
    this.due = new DueCalls(database, this.calls, this.owner);
  }

  /**
   * Opens a file, or a `postgres://` URL: the latter resolves also while PostgreSQL is away. Rejects where a newer version
   * wrote what is there, and where a file is not a store.
   */
  static async open(url: string, connections?: number): Promise<Store> {
    if (!isPostgresUrl(url)) return new Store(await SqliteDatabase.open(url), true);
    const store = new Store(new PostgresDatabase(url, connections), false);
    try {
      await store.ensureReady();
    } catch (error) {
      if (!(error instanceof NewerSchema)) return store;
      await store.close();
      throw error;
    }
    return store;
  }

  /** Resolves where the database is there, with this version's schema. */
  async ensureReady(): Promise<void> {
    if (this.#isMigrated) await this.database.all('SELECT 1 AS one');
    else await migratePostgres(this.database);
    this.#isMigrated = true;
  }

  close(): Promise<void> {
    return this.database.close();
  }
}

export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}

/** Whether a database refused what it was given: it would refuse the same for ever. */
export function isDataError(error: unknown): error is Error {
  return isRefusedByPostgres(error) || isRefusedBySqlite(error);
}
