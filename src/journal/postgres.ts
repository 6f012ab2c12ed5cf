import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { CallEvent } from '../call/event.ts';
import type { JudgedAttempt } from '../diagnose/recentAttempts.ts';
import { Archive } from './archive.ts';
import { Calls } from './calls.ts';
import { Configurations } from './configurations.ts';
import { type Delivered, deliver } from './delivery.ts';
import { DueCalls } from './dueCalls.ts';
import { Feeder, type FeederEvents } from './feeder.ts';
import type { Forwards } from './forwards.ts';
import { Incidents } from './incidents.ts';
import { LiveKitEvents } from './liveKitEvents.ts';
import { migratePostgres, NewerSchema } from './migrate.ts';
import { PostgresDatabase, type StoreAway } from './postgresDatabase.ts';
import { Retention, TABLES_BY_CALL } from './retention.ts';
import { Search } from './search.ts';
import { Spool, type SpooledEvent } from './spool.ts';
import type { Appended, CallRecord, NewEvent, SavedAttempts, Store, StoredAttempt } from './store.ts';
import { postgresBytes } from './storeSize.ts';

/** As long, in milliseconds, PostgreSQL must have been there before calls are judged: others bring their spools over. */
const OTHERS_CATCH_UP_MS = 2_000;
/** And as long at most, for this replica's own spool to be brought over. */
const CATCH_UP_MS = 15_000;

/** The store on PostgreSQL, which several replicas share. Webhooks are acknowledged from a spool on this machine. */
export class PostgresStore implements Store {
  /** This process, as verdicts that it was the first to give name it. */
  readonly replica: string;
  readonly configurations: Configurations;
  readonly liveKit: LiveKitEvents;
  readonly incidents: Incidents;
  readonly search: Search;
  readonly retention: Retention;
  readonly archive: Archive;
  readonly due: DueCalls;
  readonly forwards: Forwards;
  readonly spool: Spool;
  readonly #database: PostgresDatabase;
  readonly #calls: Calls;
  readonly #feeder: Feeder;
  #isMigrated = false;

  private constructor(url: string, spool: Spool, events: FeederEvents) {
    this.replica = `${hostname()}-${randomUUID()}`;
    this.#database = new PostgresDatabase(url);
    this.spool = spool;
    this.forwards = spool.forwards;
    this.configurations = new Configurations(this.#database);
    this.liveKit = new LiveKitEvents(this.#database);
    this.incidents = new Incidents(this.#database);
    this.search = new Search(this.#database);
    this.retention = new Retention(this.#database, postgresBytes, [...TABLES_BY_CALL, 'legs_by_numbers']);
    this.archive = new Archive(this.#database, true);
    this.#calls = new Calls(this.#database, this.liveKit, this.incidents, this.replica);
    this.due = new DueCalls(this.#database, this.#calls, this.replica);
    this.#feeder = new Feeder(
      spool,
      { ask: () => this.#ask(), deliver: (some: readonly SpooledEvent[]) => this.#deliver(some) },
      events,
    );
  }

  /**
   * Resolves also while PostgreSQL is away. Rejects where a newer version wrote what is there, and as `Spool.open` does.
   * `onCommit` is told how long each group commit of the spool took. Nothing is brought over before `start`.
   */
  static async open(
    url: string,
    spoolFile: string,
    events: FeederEvents,
    onCommit?: (seconds: number) => void,
  ): Promise<PostgresStore> {
    const store = new PostgresStore(url, await Spool.open(spoolFile, onCommit), events);
    try {
      await store.#ask();
    } catch (error) {
      if (!(error instanceof NewerSchema)) return store;
      await store.close();
      throw error;
    }
    return store;
  }

  /** Begins to bring over what is spooled. */
  start(): void {
    this.#feeder.start();
  }

  /** Whether PostgreSQL is there, with what came in while it was away. */
  get isCaughtUp(): boolean {
    const { backForMs = 0, isCaughtUp } = this.#feeder;
    return backForMs >= OTHERS_CATCH_UP_MS && (isCaughtUp || backForMs >= CATCH_UP_MS);
  }

  /** Says that PostgreSQL was found away. */
  doubt(error: StoreAway): void {
    this.#feeder.doubt(error);
  }

  async append(event: NewEvent): Promise<Appended> {
    const appended = await this.spool.append(event);
    this.#feeder.wake();
    return appended;
  }

  /** Also what is not brought over yet. While PostgreSQL is away, only that; rejects where there is none of the call. */
  async findCall(callSid: string): Promise<CallRecord | undefined> {
    // The spool is read first: what is brought over in between is then found twice, not missed.
    const callId = (await this.spool.callOf(callSid)) ?? (await this.#calls.callOf(callSid));
    if (callId === undefined) return undefined;
    const spooled = await this.spool.ofCall(callId);
    const record = await this.#calls.read(callId).catch((error: unknown) => {
      if (spooled.length === 0) throw error;
      return { callId, events: [], attempts: [], liveKitEvents: [] };
    });
    const known = new Set(record.events.map(({ id }) => id));
    const more = spooled.filter(({ id }) => !known.has(id));
    // The cast: only Jambonz's webhooks have a call.
    return {
      ...record,
      events: [...record.events, ...more.map((one) => ({ ...(one.event as CallEvent), seq: one.seq }))],
    };
  }

  unfinishedCalls(after: string, limit: number): Promise<string[]> {
    return this.#calls.unfinished(after, limit);
  }

  saveAttempts(attempts: readonly StoredAttempt[]): Promise<SavedAttempts> {
    return this.#calls.saveAttempts(attempts);
  }

  judgedSince(time: number): Promise<JudgedAttempt[]> {
    return this.#calls.judgedSince(time);
  }

  finishCalls(callIds: readonly string[]): Promise<void> {
    return this.#calls.finish(callIds);
  }

  async close(): Promise<void> {
    await this.#feeder.stop();
    await this.spool.close();
    await this.#database.close();
  }

  async #ask(): Promise<void> {
    if (this.#isMigrated) await this.#database.run('SELECT 1');
    else await migratePostgres(this.#database);
    this.#isMigrated = true;
  }

  #deliver(events: readonly SpooledEvent[]): Promise<Delivered[]> {
    return deliver(this.#database, events);
  }
}
