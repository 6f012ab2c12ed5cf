import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { removeCall } from '../../src/core/incidents/failure.ts';
import type { Incident } from '../../src/core/incidents/incident.ts';
import { Store } from '../../src/store/store.ts';
import { recorded, startOf, startService } from '../app/service.ts';
import { DATABASES, type Place } from '../store/schema/databases.ts';
import { exportOf, olderRecord, take } from './archives.ts';

// Before a leg was heard of that an A leg had dialled, the A leg was an attempt of its own.
interface Case {
  readonly what: string;
  /** Cause of the A leg, where that is another than the dialled leg's. */
  readonly cause?: string;
  /** Other calls in the incident of the A leg. */
  readonly others: readonly string[];
  /** What is left of that incident: its calls, why it is closed, and its examples. */
  readonly left: readonly [number, string | undefined, readonly string[]];
}

const failed = recorded('caller_not_allowed-101-0');
const began = startOf(failed);
const dialled: string = JSON.parse(failed.webhooks[2]?.body ?? '').call_sid;

const CASES: readonly Case[] = [
  { what: 'of another cause, alone', cause: 'auth_missing', others: [], left: [0, 'corrected', []] },
  { what: 'of another cause, with others', cause: 'auth_missing', others: ['other'], left: [1, undefined, ['other']] },
  { what: 'of the same cause', others: [], left: [1, undefined, [dialled]] },
];

const FORMS = [
  { form: '', as: (lines: readonly string[]) => lines },
  {
    form: ', both of the first form',
    as: (lines: readonly string[]) => lines.map((line) => JSON.stringify(olderRecord(line))),
  },
];

const sidOf = ({ callSid }: { readonly callSid: string }) => callSid;
const toLines = (rows: readonly object[]) => rows.map((row) => JSON.stringify(row));

function rowOf(incident: Incident) {
  const { id, cause, trunk, openedAt, closed } = incident;
  const times = { opened_at: openedAt, ...(closed && { closed_at: closed.at }), changed_at: 1 };
  return { table: 'incidents', id, cause, trunk, ...times, incident };
}

for (const { name, place: makePlace } of DATABASES) {
  describe(`an import of two exports, of which one is older than a dialled leg, on ${name}`, () => {
    let directory: string;
    let lines: string[];
    let header: string;
    let places: Place[];

    /** The first row of a table. */
    function first(table: string) {
      return lines.map((line) => JSON.parse(line)).find((row) => row.table === table);
    }
    async function newPlace(): Promise<string> {
      const place = await makePlace();
      places.push(place);
      return place.url;
    }
    async function rowsIn(databaseUrl: string, table: string) {
      return (await exportOf(databaseUrl)).map((line) => JSON.parse(line)).filter((row) => row.table === table);
    }
    /** An attempt as it was before its dialled leg was heard of. */
    function aLegOf(callId: string, incident: string, cause: string, later: number) {
      const attempt = first('attempts');
      return {
        ...attempt,
        id: callId,
        call_sid: callId,
        call_id: callId,
        started_at: attempt.started_at + later,
        settled_at: attempt.settled_at - 1_000,
        record: { ...attempt.record, id: callId, callSid: callId, cause },
        incident,
      };
    }

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
      places = [];
      await writeFile(join(directory, 'livekit.json'), JSON.stringify(failed.livekit));
      const settings = { LIVEKIT_CONFIG_FILE: join(directory, 'livekit.json'), PROBE_INTERVAL_SECONDS: '0' };
      const database = join(directory, 'first.db');
      const service = await startService({ ...settings, DATABASE_URL: database }, began);
      await service.post(failed.webhooks, began);
      await service.pass(120_000);
      await service.app.close();
      lines = await exportOf(database);
      header = lines[0] ?? '';
    });
    after(async () => {
      for (const place of places) await place.remove();
      await rm(directory, { recursive: true });
    });

    /** An export of before the dialled leg was heard of, and a later one of the service that heard of it. */
    function exportsOf({ cause, others }: Case) {
      const { incident, id: ownId } = first('incidents');
      const { call_id: aLeg, started_at: startedAt } = first('attempts');
      const id: string = cause === undefined ? ownId : 'of the A leg';
      const sids: string[] = [aLeg, ...others];
      const at = (i: number) => {
        const sid = sids[i] ?? '';
        return { id: sid, callSid: sid, at: startedAt + i };
      };
      const early = {
        ...incident,
        id,
        cause: cause ?? incident.cause,
        calls: sids.length,
        first: at(0),
        last: at(others.length),
        examples: sids.map((sid) => ({ id: sid, callSid: sid })),
        questions: [{ ...incident.questions[0], id: aLeg, callSid: aLeg }],
      };
      const attempts = sids.map((sid, i) => aLegOf(sid, id, early.cause, i));
      const older = [header, ...toLines([rowOf(early), ...attempts, { table: 'end' }])];
      if (cause === undefined) return { id, older, newer: lines };
      const remaining = others.length > 0 ? { calls: others.length, first: at(1), last: early.last } : undefined;
      const corrected = removeCall(early, { id: aLeg, callSid: aLeg }, remaining, 2).incident;
      return { id, older, newer: [header, ...toLines([rowOf(corrected)]), ...lines.slice(1)] };
    }

    for (const one of CASES) {
      for (const { form, as } of FORMS) {
        for (const order of ['before', 'after'] as const) {
          it(`keeps a dialled leg in the place of its A leg ${one.what}, imported ${order} it${form}`, async () => {
            const { id, older, newer } = exportsOf(one);
            const to = await newPlace();
            const inOrder = order === 'before' ? [newer, older] : [older, newer];
            for (const some of [...inOrder, ...inOrder]) assert.equal((await take(to, as(some))).bad, 0);

            const attempts = await rowsIn(to, 'attempts');
            assert.deepEqual(attempts.map(({ call_sid }) => call_sid).toSorted(), [dialled, ...one.others].toSorted());
            const kept = attempts.find(({ call_sid }) => call_sid === dialled);
            const { incident } = first('incidents');
            assert.deepEqual([kept.id, kept.incident], [first('attempts').call_id, incident.id]);
            if (form === '') assert.deepEqual(kept, first('attempts'));

            const incidents = new Map((await rowsIn(to, 'incidents')).map((row) => [row.id, row.incident]));
            const { calls, closed, examples, first: firstCall } = incidents.get(id);
            assert.deepEqual([calls, closed?.because, examples.map(sidOf)], one.left);
            if (one.others.length > 0) assert.equal(firstCall.callSid, one.others[0]);
            const own = incidents.get(incident.id);
            assert.deepEqual([own.calls, own.closed, own.questions], [1, undefined, incident.questions]);

            // It is found by its own time and cause, not by those of the A leg.
            const store = await Store.open(to);
            const since: number = first('attempts').settled_at;
            const { found } = await store.search.find({ cause: [incident.cause], since, until: since + 1 }, 10);
            await store.close();
            assert.deepEqual(found.map(sidOf), [dialled]);
          });
        }
      }
    }

    it('takes an A leg out of an incident that only the older export has', async () => {
      const { incident } = first('incidents');
      // More than are written at once, so that the A leg comes with others than its incident.
      const sids = Array.from({ length: 230 }, (_, i): string => (i === 220 ? first('attempts').call_id : `many-${i}`));
      const refs = sids.map((sid) => ({ id: sid, callSid: sid }));
      const last = { id: 'many-229', callSid: 'many-229', at: first('attempts').started_at + 229 };
      const early = { ...incident, id: 'early', cause: 'auth_missing', calls: 230, last };
      early.examples = [refs[0], ...refs.slice(-4)];
      const attempts = sids.map((sid, i) => aLegOf(sid, 'early', 'auth_missing', i));
      const older = [header, ...toLines([rowOf(early), ...attempts, { table: 'end' }])];
      const to = await newPlace();
      await take(to, lines);
      for (let i = 0; i < 2; i += 1) assert.equal((await take(to, older)).bad, 0);
      const found = (await rowsIn(to, 'incidents')).find(({ id }) => id === 'early').incident;
      assert.deepEqual([found.calls, found.last], [229, last]);
    });

    it('leaves an incident as it is that comes later and counts the dialled leg', async () => {
      const { incident } = first('incidents');
      const attempt = first('attempts');
      const to = await newPlace();
      await take(to, [header, ...toLines([attempt, { table: 'end' }])]);
      // The same incident with the A leg; another service's, which heard of the dialled leg as well.
      const others = { ...incident, id: 'others', cause: 'auth_missing' };
      const aLeg = aLegOf(attempt.call_id, incident.id, incident.cause, 0);
      const rows = [rowOf(incident), rowOf(others), aLeg, { ...attempt, incident: 'others' }, { table: 'end' }];
      assert.equal((await take(to, [header, ...toLines(rows)])).bad, 0);
      const kept = await rowsIn(to, 'incidents');
      assert.deepEqual(
        kept.map((row) => row.incident.calls),
        [1, 1],
      );
    });

    it('counts the row as imported that takes a place, and that which does not as there already', async () => {
      const attempt = first('attempts');
      const aLeg = aLegOf(attempt.call_id, attempt.incident, attempt.record.cause, 0);
      const of = (row: object) => [header, ...toLines([row, { table: 'end' }])];
      const to = await newPlace();
      const fates: number[][] = [];
      for (const row of [aLeg, aLeg, attempt, attempt, aLeg]) {
        const { added, known, bad } = await take(to, of(row));
        fates.push([added, known, bad]);
      }
      assert.deepEqual(fates, [
        [1, 0, 0],
        [0, 1, 0],
        [1, 0, 0],
        [0, 1, 0],
        [0, 1, 0],
      ]);
    });
  });
}
