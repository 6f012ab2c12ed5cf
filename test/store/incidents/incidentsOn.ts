import { after, before, beforeEach } from 'node:test';
import { saveAttempts } from '../../../src/store/calls/attempts.ts';
import type { Database } from '../../../src/store/database.ts';
import { Incidents } from '../../../src/store/incidents/incidents.ts';
import type { StoredAttempt } from '../../../src/store/store.ts';
import type { DATABASES, Place } from '../schema/databases.ts';

/** For the tests of one `describe`: a database of their own, in which each begins without incidents. */
export class IncidentsOn {
  #place!: Place;
  #database!: Database;
  #incidents!: Incidents;

  constructor({ place, open }: (typeof DATABASES)[number]) {
    before(async () => {
      this.#place = await place();
      this.#database = await open(this.#place.url);
    });
    after(async () => {
      await this.#database.close();
      await this.#place.remove();
    });
    beforeEach(async () => {
      for (const table of ['incidents', 'incident_notices', 'attempts'])
        await this.#database.run(`DELETE FROM ${table}`);
      this.#incidents = new Incidents(this.#database);
    });
  }

  get database(): Database {
    return this.#database;
  }

  get incidents(): Incidents {
    return this.#incidents;
  }

  save(...attempts: readonly StoredAttempt[]) {
    return this.#database.transaction((queries) => saveAttempts(queries, attempts, this.#incidents));
  }
}
