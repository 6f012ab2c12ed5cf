import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, it } from 'node:test';
import type { AttemptRecord, RecordedChange } from '../../../src/core/diagnose/record.ts';
import { explain } from '../../../src/core/explain/explanation.ts';
import { incidentJson } from '../../../src/core/explain/incidentJson.ts';
import type { Incident } from '../../../src/core/incidents/incident.ts';
import { replay } from '../../../src/core/replay/replay.ts';
import { Search } from '../../../src/store/calls/search.ts';
import type { Database } from '../../../src/store/database.ts';
import { POSTGRES, SQLITE } from '../../../src/store/dialect.ts';
import { Incidents } from '../../../src/store/incidents/incidents.ts';
import { migratePostgres } from '../../../src/store/migrate.ts';
import { PostgresDatabase } from '../../../src/store/postgres/postgresDatabase.ts';
import { MIGRATIONS } from '../../../src/store/schema.ts';
import { SqliteDatabase } from '../../../src/store/sqlite/sqliteDatabase.ts';
import { incidentFrom, recordFrom } from '../../../src/store/storedForms.ts';
import {
  connect,
  fail,
  incidentOf,
  NO_AGENT,
  NOT_ALLOWED,
  OTHERS_ONLY,
  settled,
  T0,
} from '../../core/incidents/failedCalls.ts';
import { recordedCases } from '../../core/recordedCases.ts';
import { postgresSchema, sqliteFile } from './databases.ts';

const CHANGE: RecordedChange = {
  at: T0 - 30_000,
  cause: 'caller_not_allowed',
  trunk: 'ST_1',
  texts: ['allowed_numbers of ST_1 changed from [] to [+15550999]'],
  verdictBefore: 'admitted',
  wasBetter: true,
  secondsBefore: 30,
  firstFailureSecondsAfter: undefined,
};

/** The sentences of older versions. They are read for what no key says, so they stay as they were. */
const OLDER_WAITS = {
  silence_or_ring_back:
    'the caller, whose leg was already answered, had silence or what the application plays: the webhooks do not say which',
  ringing: 'the caller had the ringing or early media that was signalled on their leg',
  waiting: 'the caller waited, and no ringing was reported on their leg',
};
const OLDER_MISSING = {
  caller_leg: 'no webhook told of the caller’s leg',
  beginning_or_end: 'no webhook told when this attempt began or ended',
  not_recorded: 'an older version did not record it',
};
const OLDER_VERDICTS = {
  admitted: 'By the configuration before it, LiveKit’s matching admits this call.',
  unknown: 'By the configuration before it, nothing that is known keeps this call out.',
  refused: '',
};

function olderSeenByCaller(experience: AttemptRecord['callerExperience']): string {
  switch (experience.kind) {
    case 'none':
      return 'There was no caller: Jambonz made this call by itself.';
    case 'unknown':
      return `What the caller had is not known: ${OLDER_MISSING[experience.missing]}.`;
    default: {
      const { kind, seconds, precise, isAnswered, farEnd } = experience;
      const farEndWords = farEnd ? ' The far end signalled ringing.' : '';
      return `For ${precise ? '' : 'about '}${seconds.toFixed(1)} s, until the ${isAnswered ? 'answer' : 'end'} of this attempt, ${OLDER_WAITS[kind]}.${farEndWords}`;
    }
  }
}

function olderChange(change: RecordedChange) {
  const text = `${change.texts.join('; ')}, 30 s before this call. ${OLDER_VERDICTS[change.verdictBefore]}`;
  return { ...explain({ ...NOT_ALLOWED, change }).change, text };
}

/** As an older version kept it: as the JSON of its API, with its sentences. */
function older(record: AttemptRecord): unknown {
  const { seen_by_caller, ...explanation } = explain(record);
  return JSON.parse(
    JSON.stringify({
      ...explanation,
      seen_by_caller: { ...seen_by_caller, text: olderSeenByCaller(record.callerExperience) },
      ...(record.change && { change: olderChange(record.change) }),
    }),
  );
}

describe('an attempt that an older version kept', () => {
  it('of each recorded call is explained as it was', () => {
    let attempts = 0;
    for (const { call } of recordedCases()) {
      for (const record of replay(call).records) {
        const again = recordFrom(older(record), record.id);
        assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify(record)));
        attempts += 1;
      }
    }
    assert.ok(attempts > 50, `${attempts} attempts`);
  });

  const experiences: AttemptRecord['callerExperience'][] = [
    { kind: 'none' },
    { kind: 'unknown', missing: 'caller_leg' },
    { kind: 'unknown', missing: 'beginning_or_end' },
    { kind: 'waiting', seconds: 1.5, precise: false, isAnswered: true },
    { kind: 'ringing', seconds: 2, precise: true, isAnswered: false, farEnd: {} },
    { kind: 'ringing', seconds: 2, precise: false, isAnswered: false, farEnd: { ringings: 0 } },
    {
      kind: 'silence_or_ring_back',
      seconds: 0,
      precise: true,
      isAnswered: true,
      farEnd: { ringings: 2, firstAfterSeconds: 0.1 },
    },
  ];
  for (const callerExperience of experiences) {
    it(`has the caller experience ${JSON.stringify(callerExperience)}`, () => {
      const again = recordFrom(older({ ...NOT_ALLOWED, callerExperience }), 'a');
      assert.deepEqual(again.callerExperience, callerExperience);
    });
  }

  const changes: Partial<RecordedChange>[] = [
    {},
    { verdictBefore: 'unknown' },
    { verdictBefore: 'refused', wasBetter: false },
    { trunk: undefined, secondsBefore: 0 },
    { firstFailureSecondsAfter: 12 },
  ];
  for (const fields of changes) {
    it(`has the change that it followed, with ${JSON.stringify(fields)}`, () => {
      const record = { ...NOT_ALLOWED, change: { ...CHANGE, ...fields } };
      const again = recordFrom(older(record), record.id);
      assert.deepEqual(again.change, record.change);
      assert.deepEqual(again.evidence, record.evidence);
    });
  }

  it('of this version is taken as it is', () => {
    assert.deepEqual(recordFrom({ ...NOT_ALLOWED }, 'another'), NOT_ALLOWED);
  });
});

describe('an incident that an older version kept', () => {
  const withChange = { change: { ...CHANGE, firstFailureSecondsAfter: 12 } };
  const plain = incidentOf(settled('a', 0, NOT_ALLOWED, withChange), settled('b', 1, NOT_ALLOWED, { from: undefined }));
  const next = connect(plain, OTHERS_ONLY, settled('z', 11, { ...NO_AGENT, outcome: 'connected' }))?.incident ?? plain;
  const failed = fail(
    { ...plain, afterFix: { state: 'probe_ok', at: T0, target: 'sip:x' } },
    settled('c', 9, NOT_ALLOWED),
  );

  for (const [what, incident] of Object.entries({ 'with a change': plain, closed: next, after: failed.incident })) {
    it(`is described as it was: ${what}`, () => {
      const again = incidentFrom(JSON.parse(JSON.stringify(olderIncident(incident))));
      assert.deepEqual(again, incident);
      assert.deepEqual(incidentJson(again, undefined, T0), incidentJson(incident, undefined, T0));
    });
  }
});

function olderIncident({ version: _, change, ...incident }: Incident): object {
  const withoutId = <R extends { readonly id: string }>({ id: __, ...ref }: R) => ref;
  const { first, last, examples, questions, afterFix } = incident;
  return {
    ...incident,
    first: withoutId(first),
    last: withoutId(last),
    examples: examples.map(({ callSid }) => callSid),
    questions: questions.map(({ from = null, to = null, ...question }) => ({ ...withoutId(question), from, to })),
    ...(change && { change: olderChange(change) }),
    ...(afterFix && { afterFix: 'callSid' in afterFix ? withoutId(afterFix) : afterFix }),
  };
}

/** A store with the schema before attempts had ids, and one that is brought forward. */
const KINDS = {
  SQLite: async (fill: string) => {
    const place = await sqliteFile();
    const db = new DatabaseSync(place.url);
    for (const migration of MIGRATIONS.slice(0, BEFORE)) db.exec(migration(SQLITE));
    db.exec(`${fill}; PRAGMA user_version = ${BEFORE}`);
    db.close();
    return { place, database: (await SqliteDatabase.open(place.url)) as Database };
  },
  PostgreSQL: async (fill: string) => {
    const place = await postgresSchema();
    const database: Database = new PostgresDatabase(place.url);
    for (const migration of MIGRATIONS.slice(0, BEFORE)) await database.script(migration(POSTGRES));
    await database.script(fill);
    await database.script(`CREATE TABLE sipwhy_schema (id INTEGER PRIMARY KEY, version BIGINT NOT NULL);
      INSERT INTO sipwhy_schema VALUES (1, ${BEFORE})`);
    await migratePostgres(database);
    return { place, database };
  },
};

/** The schema's version before attempts had ids. */
const BEFORE = 8;

/** Legs of calls: the call, the leg, the second at which it began, and when it was first heard of. */
const LEGS: [call: string, leg: string, second: number, report: number][] = [
  ['own', 'own', 1, 1],
  ['one', 'one-b', 1, 2],
  // The leg that was heard of first began last.
  ['two', 'two-b', 9, 3],
  ['two', 'two-c', 2, 4],
  // A dial hook named the first of these, and nothing else told of it.
  ['hook', 'hook-b', 5, 6],
  ['hook', 'hook-c', 4, 7],
];

const quoted = (value: unknown) => `'${JSON.stringify(value).replaceAll("'", "''")}'`;

/** The rows of these legs, as the older version wrote them; `bytes` is the type of a body. */
const rows = (bytes: string) =>
  LEGS.flatMap(([call, leg, second, report]) => {
    const [callSid, dialCallSid] = leg === 'hook-b' ? [call, `'${leg}'`] : [leg, 'NULL'];
    return [
      `INSERT INTO events (seq, received_at, call_id, call_sid, dial_call_sid, kind, digest, event, body)
         VALUES (${report}, 1, '${call}', '${callSid}', ${dialCallSid}, 'status', '${leg}', '{}', CAST('' AS ${bytes}))`,
      `INSERT INTO attempts (call_sid, call_id, started_at, settled_at, explanation, incident, settled_by)
         VALUES ('${leg}', '${call}', ${second * 1_000}, 20000, ${quoted(older({ ...NOT_ALLOWED, callSid: leg }))}, 'i', 'replica')`,
      `INSERT INTO attempt_keys
         VALUES ('${leg}', 20000, 30000, 'failed', 'caller_not_allowed', 'livekit_config', 'ST_1', NULL, '1555', '')`,
    ];
  }).join(';\n');

for (const [name, open] of Object.entries(KINDS)) {
  describe(`a store on ${name} of before attempts had ids`, () => {
    it('is brought forward: the first leg that was heard of has its call’s id', async () => {
      const { place, database } = await open(rows(name === 'SQLite' ? 'BLOB' : 'BYTEA'));
      try {
        const { found } = await new Search(database).find({ from: { digits: '1555', hashes: [] } }, 10);
        assert.deepEqual(Object.fromEntries(found.map(({ callSid, id }) => [callSid, id])), {
          own: 'own',
          'one-b': 'one',
          'two-b': 'two',
          'two-c': 'two-c',
          'hook-b': 'hook',
          'hook-c': 'hook-c',
        });
        for (const { id, callSid, record, startedAt } of found) {
          const second = LEGS.find(([, leg]) => leg === callSid)?.[2] ?? 0;
          assert.deepEqual([record.id, record.callSid, startedAt], [id, callSid, second * 1_000]);
          assert.equal(record.cause, 'caller_not_allowed');
        }
        const [kept] = await database.all<{ incident: string; settled_by: string; changed_at: number }>(
          `SELECT a.incident, a.settled_by, k.changed_at FROM attempts a JOIN attempt_keys k ON k.id = a.id
           WHERE a.id = 'one'`,
        );
        assert.deepEqual({ ...kept }, { incident: 'i', settled_by: 'replica', changed_at: 30_000 });
        // What is deleted takes its keys along, as before.
        await database.run("DELETE FROM attempts WHERE id = 'one'");
        assert.equal((await database.all("SELECT 1 AS one FROM attempt_keys WHERE id = 'one'")).length, 0);
        assert.deepEqual(await new Incidents(database).list({ state: 'all', limit: 1 }), []);
      } finally {
        await database.close();
        await place.remove();
      }
    });
  });
}
