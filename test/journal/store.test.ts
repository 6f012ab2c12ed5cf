import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PostgresStore } from '../../src/journal/postgres.ts';
import { SqliteStore } from '../../src/journal/sqlite.ts';
import type { Store, StoredAttempt } from '../../src/journal/store.ts';
import { parseTrunk } from '../../src/trunks/readSnapshot.ts';
import { Snapshot } from '../../src/trunks/snapshot.ts';
import { recordOnly, trunk, webhooksOf } from '../core/scenario.ts';
import { type Place, postgresSchema, sqliteFile } from './databases.ts';
import { IGNORED, joined, status, T0, until } from './events.ts';

interface Opened {
  readonly store: Store;
  /** Resolves once nothing is on its way any more. */
  rest(): Promise<void>;
  close(): Promise<void>;
}

const KINDS: Record<string, () => Promise<Opened>> = {
  async SQLite() {
    const place = await sqliteFile();
    const store = await SqliteStore.open(place.url);
    return { store, rest: async () => {}, close: () => closeAll(store, place) };
  },
  async PostgreSQL() {
    const [place, spool] = [await postgresSchema(), await sqliteFile()];
    const store = await PostgresStore.open(place.url, spool.url, IGNORED);
    store.start();
    const rest = () => until(async () => (await store.spool.state()).waiting === 0);
    return { store, rest, close: () => closeAll(store, place, spool) };
  },
};

async function closeAll(store: Store, ...places: Place[]): Promise<void> {
  await store.close();
  for (const place of places) await place.remove();
}

/** An attempt; the leg `b<call>` is the first of its call, which the A leg was before. */
function attempt(callSid: string, call: string, cause: string): StoredAttempt {
  const id = callSid === `b${call}` ? `a${call}` : callSid;
  const record = recordOnly(webhooksOf({ response: [503, 'Try again later', 200] }));
  return {
    id,
    callSid,
    callId: `a${call}`,
    startedAt: T0,
    settledAt: T0 + 5,
    record: { ...record, id, callSid, summary: cause },
  };
}

for (const [kind, open] of Object.entries(KINDS)) {
  describe(`the store on ${kind}`, () => {
    let opened: Opened;
    let store: Store;
    const eventsOf = async (callSid: string) => (await store.findCall(callSid))?.events.map(({ at }) => at - T0);

    before(async () => {
      opened = await open();
      store = opened.store;
    });
    after(() => opened.close());

    it('gives a call back as soon as its event is acknowledged, by the call_sid of each of its legs', async () => {
      assert.equal((await store.append(status('1', 0))).result, 'stored');
      assert.deepEqual(await eventsOf('b1'), [0]);
      const ofA = { callSid: 'a1', parentCallSid: undefined, direction: 'inbound' } as const;
      await store.append(status('1', 10, ofA));
      assert.deepEqual(await eventsOf('a1'), [0, 10]);
      await opened.rest();
      assert.deepEqual(await eventsOf('a1'), [0, 10]);
      assert.deepEqual(await eventsOf('b1'), [0, 10]);
    });

    it('knows nothing of a call of which nothing came', async () => {
      assert.equal(await store.findCall('nobody'), undefined);
    });

    it('keeps a delivery once, however often and late it comes', async () => {
      await store.append(status('2', 0, { digest: 'same' }));
      await store.append(status('2', 100, { digest: 'same' }));
      await opened.rest();
      await store.append(status('2', 3_600_000, { digest: 'same' }));
      await opened.rest();
      assert.deepEqual(await eventsOf('b2'), [0]);
    });

    it('keeps equal bodies without a signature once within half a second, and both when further apart', async () => {
      const unsigned = (at: number) => ({ ...status('3', at, { digest: 'unsigned' }), repeatWithinMs: 500 });
      await store.append(unsigned(0));
      await store.append(unsigned(400));
      await opened.rest();
      await store.append(unsigned(1_000));
      await opened.rest();
      assert.deepEqual(await eventsOf('b3'), [0, 1_000]);
    });

    it('tells which attempts are the first of theirs, and replaces what was said before', async () => {
      const firsts = async (...attempts: StoredAttempt[]) =>
        (await store.saveAttempts(attempts)).firsts.map(({ callSid }) => callSid);
      assert.deepEqual(await firsts(attempt('b1', '1', 'x'), attempt('c1', '1', 'x')), ['b1', 'c1']);
      assert.deepEqual(await firsts(attempt('b1', '1', 'y'), attempt('d1', '1', 'y')), ['d1']);
      const call = await store.findCall('b1');
      const said = call?.attempts.map(({ callSid, record }) => [callSid, record.summary]);
      assert.deepEqual(said, [
        ['b1', 'y'],
        ['c1', 'x'],
        ['d1', 'y'],
      ]);
    });

    it('lets a dialled leg take the place of its A leg, which was counted', async () => {
      const save = async (...attempts: StoredAttempt[]) =>
        (await store.saveAttempts(attempts)).firsts.map(({ callSid }) => callSid);
      const kept = async (callSid: string) => {
        const call = await store.findCall(callSid);
        const listed = (await store.search.find({}, 100)).map((found) => found.callSid);
        const attempts = call?.attempts.map((found) => found.callSid) ?? [];
        return {
          attempts,
          areListed: attempts.every((sid) => listed.includes(sid)),
          isALegListed: listed.includes('a8'),
        };
      };
      await store.append(status('8', 0));
      await opened.rest();
      assert.deepEqual(await save(attempt('a8', '8', 'early')), ['a8']);
      assert.deepEqual(await save(attempt('b8', '8', 'late'), attempt('c8', '8', 'late')), ['c8']);
      assert.deepEqual(await kept('b8'), { attempts: ['b8', 'c8'], areListed: true, isALegListed: false });
      assert.deepEqual(await save(attempt('b8', '8', 'later'), attempt('d8', '8', 'later')), ['d8']);
    });

    it('keeps of an attempt what was said of it last, also where both come at once', async () => {
      const { firsts } = await store.saveAttempts([attempt('a9', '9', 'early'), attempt('b9', '9', 'late')]);
      assert.deepEqual(
        firsts.map(({ callSid }) => callSid),
        ['b9'],
      );
    });

    it('leaves an attempt of another call, whose leg dialled itself, as it is', async () => {
      await store.saveAttempts([attempt('b10', '10', 'transferred')]);
      const { firsts } = await store.saveAttempts([
        { ...attempt('c10', '10', 'dialled by b10'), callId: 'b10', id: 'b10' },
      ]);
      assert.equal(firsts.length, 1);
      assert.equal((await store.search.read(['a10', 'b10'])).length, 2);
    });

    it('tells of which attempts something was said since a time', async () => {
      const seen = { host: 'lab.sip.livekit.cloud', result: 'failed', status: 503, rangOnce: false } as const;
      const settled = (callSid: string, settledAt: number, more: Partial<StoredAttempt> = { seen }) => ({
        ...attempt(callSid, callSid.slice(1), 'x'),
        settledAt: T0 + settledAt,
        ...more,
      });
      await store.saveAttempts([
        settled('b20', 100_000),
        settled('b21', 300_000),
        settled('b22', 200_000),
        settled('b23', 300_000, {}),
      ]);
      const again = { ...settled('b20', 400_000), record: attempt('b20', '20', 'y').record };
      await store.saveAttempts([{ ...again, seen: { ...seen, result: 'connected' } }]);
      const found = await store.judgedSince(T0 + 200_000);
      assert.deepEqual(
        found.map(({ callId, id, at, judgedAt, seen: known }) => [callId, id, at, judgedAt - T0, known.result]),
        [
          ['a22', 'a22', T0, 200_000, 'failed'],
          ['a21', 'a21', T0, 300_000, 'failed'],
          ['a20', 'a20', T0, 400_000, 'connected'],
        ],
      );
    });

    it('lists a call as unfinished until it is finished', async () => {
      await store.append(status('4', 0));
      await opened.rest();
      assert.ok((await store.unfinishedCalls('', 100)).includes('a4'));
      await store.finishCalls(['a4']);
      assert.equal((await store.unfinishedCalls('', 100)).includes('a4'), false);
    });

    it('finds LiveKit’s webhooks of a call by its SIP Call-ID, whichever side came first', async () => {
      await store.append(joined('RM_5', 'sip-5', 0));
      await store.append(status('5', 10, { sbcCallId: 'sip-5' }));
      await store.append(status('6', 20, { sbcCallId: 'sip-6' }));
      await opened.rest();
      await store.append(joined('RM_6', 'sip-6', 30));
      await opened.rest();
      for (const [call, room] of [
        ['5', 'RM_5'],
        ['6', 'RM_6'],
      ] as const) {
        const found = await store.findCall(`b${call}`);
        assert.deepEqual(
          found?.liveKitEvents.map((event) => event.room?.sid),
          [room],
        );
        assert.deepEqual(await store.liveKit.callsOfRoom(room), [`a${call}`]);
      }
      assert.equal((await store.liveKit.ofRoom('RM_6')).length, 1);
      assert.deepEqual(
        (await store.liveKit.since(T0 + 20)).map((event) => event.room?.sid),
        ['RM_6'],
      );
    });

    it('numbers versions of a configuration, the same one once', async () => {
      const version = (name: string, at: number) => ({
        firstSeenAt: at,
        lastSeenAt: at,
        snapshot: new Snapshot({ trunks: [parseTrunk(trunk({ name }))], rules: [] }),
        changes: [],
      });
      const one = await store.configurations.add(version('one', T0));
      assert.equal(await store.configurations.add(version('one', T0 + 1)), one);
      const two = await store.configurations.add(version('two', T0 + 2));
      const again = await store.configurations.add(version('one', T0 + 3));
      assert.ok(one < two && two < again);
      await store.configurations.seen(one, T0 + 60_000);
      // Another replica read it earlier.
      await store.configurations.seen(one, T0 + 50_000);
      const found = await store.configurations.find(one);
      assert.deepEqual([found?.firstSeenAt, found?.lastSeenAt], [T0, T0 + 60_000]);
    });
  });
}
