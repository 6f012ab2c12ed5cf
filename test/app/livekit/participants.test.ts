import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { ROOM_KEPT_MS } from '../../../src/core/correlate/rooms.ts';
import type { ReadWebhook } from '../../../src/store/calls/delivery.ts';
import { DATABASES, type Place, sqliteFile } from '../../store/schema/databases.ts';
import { failed, joined, status, T0, until } from '../../store/storedEvents.ts';
import { startService } from '../service.ts';

for (const database of DATABASES) {
  describe(`LiveKit’s SIP participants, with ${database.name}`, () => {
    let places: Place[];
    let service: Awaited<ReturnType<typeof startService>>;
    beforeEach(async () => {
      places = [await database.place(), await sqliteFile()];
      const [store, journal] = places;
      service = await startService({ DATABASE_URL: store?.url ?? '', JOURNAL_DIR: `${journal?.url}.journal` });
    });
    afterEach(async () => {
      await service.app.close();
      for (const { remove } of places) await remove();
    });

    /** Posts webhooks at their times. */
    const post = async (...webhooks: readonly ReadWebhook[]) => {
      for (const { source, moment, body } of webhooks) {
        service.clock.now = moment.receivedAt;
        const url = source === 'livekit' ? '/livekit/webhook' : '/jambonz/call-status';
        const { statusCode } = await service.app.http.inject({ method: 'POST', url, payload: Buffer.from(body) });
        assert.ok(statusCode < 300, `${statusCode}`);
      }
    };
    const counted = () => service.samples('sipwhy_livekit_participants_total');
    const attempts = async () => Object.values(await service.samples('sipwhy_call_attempts_total'))[0] ?? 0;
    /** Lets time pass, and gives a shared store the time that it is waited for. */
    const pass = async (at: number, holds: () => Promise<boolean>) => {
      service.clock.now = T0 + at;
      await until(async () => {
        await service.app.settle();
        return holds();
      });
    };
    const passUpTo = (at: number) => pass(at, async () => true);

    it('are joined, and counted so once', async () => {
      await post(status('1', 0), joined('RM_1', 'sip-1', 50), failed('1', 200, { sbcCallId: 'sip-1' }));
      await pass(20_000, async () => (await attempts()) === 1);
      assert.deepEqual(await counted(), { '{result="joined"}': 1 });
      await post(joined('RM_1', 'sip-1', 30_000));
      await passUpTo(120_000);
      await passUpTo(2 * ROOM_KEPT_MS);
      assert.deepEqual(await counted(), { '{result="joined"}': 1 });
    });

    it('are ambiguous where numbers and time tell of several, and counted so once', async () => {
      await post(status('1', 0), joined('RM_1', undefined, 50), joined('RM_2', undefined, 60), failed('1', 200));
      await pass(20_000, async () => (await attempts()) === 1);
      assert.deepEqual(await counted(), { '{result="ambiguous"}': 1 });
      await passUpTo(120_000);
      await passUpTo(2 * ROOM_KEPT_MS);
      assert.deepEqual(await counted(), { '{result="ambiguous"}': 1 });
    });

    it('are unmatched once no call was heard of for so long, and counted so once', async () => {
      await post(joined('RM_1', 'sip-1', 0));
      await passUpTo(ROOM_KEPT_MS - 1);
      assert.deepEqual(await counted(), {});
      await pass(ROOM_KEPT_MS, async () => Object.keys(await counted()).length > 0);
      await passUpTo(2 * ROOM_KEPT_MS);
      assert.deepEqual(await counted(), { '{result="unmatched"}': 1 });
    });

    it('are unmatched where only the numbers fit, since both Call-IDs are known and differ', async () => {
      await post(status('1', 0), joined('RM_1', 'sip-1', 50), failed('1', 200, { sbcCallId: 'sip-2' }));
      await pass(20_000, async () => (await attempts()) === 1);
      await pass(50 + ROOM_KEPT_MS, async () => Object.keys(await counted()).length > 0);
      assert.deepEqual(await counted(), { '{result="unmatched"}': 1 });
    });
  });
}
