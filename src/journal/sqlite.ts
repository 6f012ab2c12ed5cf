import type { JudgedAttempt } from '../diagnose/recentAttempts.ts';
import { Archive } from './archive.ts';
import { Calls } from './calls.ts';
import { Configurations } from './configurations.ts';
import { Forwards } from './forwards.ts';
import { GroupCommit } from './groupCommit.ts';
import { Incidents } from './incidents.ts';
import { LiveKitEvents } from './liveKitEvents.ts';
import { Retention } from './retention.ts';
import { Search } from './search.ts';
import { SqliteDatabase } from './sqliteDatabase.ts';
import { SqliteJournal } from './sqliteJournal.ts';
import type { Appended, CallRecord, NewEvent, SavedAttempts, Store, StoredAttempt } from './store.ts';
import { sqliteBytes } from './storeSize.ts';

/**
 * The store on embedded SQLite: what was acknowledged survives a kill and a power failure. One process settles its
 * calls; commands may read beside it.
 */
export class SqliteStore implements Store {
  readonly configurations: Configurations;
  readonly liveKit: LiveKitEvents;
  readonly incidents: Incidents;
  readonly search: Search;
  readonly retention: Retention;
  readonly archive: Archive;
  readonly forwards: Forwards;
  readonly #database: SqliteDatabase;
  readonly #calls: Calls;
  readonly #journal: GroupCommit<NewEvent, Appended>;

  private constructor(database: SqliteDatabase, onCommit: (seconds: number) => void) {
    this.#database = database;
    this.configurations = new Configurations(database);
    this.liveKit = new LiveKitEvents(database);
    this.incidents = new Incidents(database);
    this.search = new Search(database);
    this.retention = new Retention(database, sqliteBytes);
    this.archive = new Archive(database, false);
    this.#calls = new Calls(database, this.liveKit, this.incidents);
    const journal = new SqliteJournal(database.connection);
    this.forwards = new Forwards(database);
    const write = (event: NewEvent): Appended => {
      const appended = journal.write(event);
      if (appended.result === 'stored') this.forwards.write(event);
      return appended;
    };
    this.#journal = new GroupCommit(database, write, onCommit);
  }

  /** `onCommit` is told how long each group commit took. Rejects as `SqliteDatabase.open` does. */
  static async open(path: string, onCommit: (seconds: number) => void = () => {}): Promise<SqliteStore> {
    return new SqliteStore(await SqliteDatabase.open(path), onCommit);
  }

  async append(event: NewEvent): Promise<Appended> {
    return this.#journal.add(event) ?? { result: 'busy' };
  }

  findCall(callSid: string): Promise<CallRecord | undefined> {
    return this.#calls.find(callSid);
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
    await this.#journal.drain();
    await this.#database.close();
  }
}
