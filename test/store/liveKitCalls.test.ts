import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { attempt, type OpenStore, openReplicas, openStore } from './openStore.ts';
import { DATABASES } from './schema/databases.ts';
import { failed, joined, status, T0, transferReported } from './storedEvents.ts';

// How far apart numbers and time may be for a leg and a participant to be looked at together: 30 s.

for (const kind of DATABASES) {
  describe(`LiveKit’s webhooks and Jambonz’s calls on ${kind.name}`, () => {
    let opened: OpenStore;
    beforeEach(async () => {
      opened = await openStore(kind);
    });
    afterEach(() => opened.close());

    /** Hands all calls back, as over. */
    const finish = async () => {
      const claimed = await opened.store.due.claim(T0 + 3_600_000, 100);
      await opened.store.due.handBack(claimed.map((call) => ({ call, attempts: [], dueAt: undefined })));
      assert.equal(await opened.store.due.count(), 0);
    };
    const openIds = async () =>
      (await opened.store.due.claim(T0 + 7_200_000, 100)).map(({ callId }) => callId).toSorted();
    const roomsOf = async (callId: string) =>
      (await opened.store.loader.liveKitEventsOf([callId])).get(callId)?.map(({ room }) => room?.sid) ?? [];

    it('are found by the SIP Call-ID, whichever side came first', async () => {
      await opened.bring(joined('RM_5', 'sip-5', 0, 'x'), status('5', 10, { sbcCallId: 'sip-5' }));
      await opened.bring(status('6', 20, { sbcCallId: 'sip-6' }));
      await opened.bring(joined('RM_6', 'sip-6', 30, 'x'), joined('RM_6', undefined, 31, 'x'));
      for (const [call, rooms] of [
        ['5', ['RM_5']],
        ['6', ['RM_6', 'RM_6']],
      ] as const) {
        const found = await opened.store.calls.find(`b${call}`);
        assert.deepEqual(
          found?.liveKitEvents.map((event) => event.room?.sid),
          rooms,
        );
        assert.deepEqual(await roomsOf(`a${call}`), rooms);
      }
      assert.equal(await opened.store.liveKit.hasCall('sip-6', 'another room'), true);
      assert.equal(await opened.store.liveKit.hasCall('another', 'RM_6'), false);
      assert.equal(await opened.store.loader.lastLiveKitWebhookAt(), T0 + 31);
    });

    it('are not heard of before there are any', async () => {
      await opened.bring(status('1', 0));
      assert.equal(await opened.store.loader.lastLiveKitWebhookAt(), undefined);
      assert.deepEqual(await roomsOf('a1'), []);
    });

    it('open a call again that was over, by Call-ID', async () => {
      await opened.bring(failed('1', 0, { sbcCallId: 'sip-1' }), failed('2', 0, { sbcCallId: 'sip-2' }));
      await finish();
      const [touched] = (await opened.bring(joined('RM_1', 'sip-1', 3_600_000, 'x'))).touched;
      assert.deepEqual([touched?.callId, touched?.isReconsidered, touched?.isNew], ['a1', true, false]);
      const [claimed, ...more] = await opened.store.due.claim(T0 + 3_600_000, 10);
      assert.deepEqual([claimed?.callId, claimed?.isJudged, more], ['a1', false, []]);
    });

    it('have beside them the transfers that agents report of a call, which open it again', async () => {
      await opened.bring(failed('1', 0, { sbcCallId: 'sip-1' }), failed('2', 0, { sbcCallId: 'sip-2' }));
      await opened.bring(joined('RM_1', 'sip-1', 10, 'x'));
      await finish();
      const [touched, ...more] = (await opened.bring(transferReported('sip-1', 3_600_000))).touched;
      assert.deepEqual([touched?.callId, touched?.isReconsidered, more], ['a1', true, []]);
      const loaded = (await opened.store.loader.liveKitEventsOf(['a1', 'a2'])).get('a1');
      assert.deepEqual(
        loaded?.map(({ transfer }) => transfer?.sipCallId),
        [undefined, 'sip-1'],
      );
      assert.equal((await opened.store.calls.find('b1'))?.liveKitEvents.length, 2);
      assert.equal(await opened.store.loader.lastLiveKitWebhookAt(), T0 + 10, 'LiveKit sent nothing since');
    });

    for (const { what, after, isOpened } of [
      { what: 'opens a call again', after: 30_000, isOpened: true },
      { what: 'opens none', after: 30_001, isOpened: false },
      { what: 'opens a call again', after: -30_000, isOpened: true },
      { what: 'opens none', after: -30_001, isOpened: false },
    ]) {
      it(`${what} by numbers ${after} ms after its leg`, async () => {
        await opened.bring(failed('1', 60_000));
        await finish();
        await opened.bring(joined('RM_1', undefined, 60_000 + after));
        assert.deepEqual(await openIds(), isOpened ? ['a1'] : []);
        assert.deepEqual(await roomsOf('a1'), isOpened ? ['RM_1'] : []);
      });
    }

    it('go by the first that was heard of a leg, and by what was dialled alone', async () => {
      await opened.bring(status('1', 0), failed('1', 29_000), status('2', 0, { direction: 'inbound' }));
      await opened.bring(failed('3', 0, { from: '+15550103' }));
      await finish();
      await opened.bring(joined('RM_1', undefined, 30_001));
      assert.deepEqual(await openIds(), []);
      await opened.bring(joined('RM_1', undefined, 10_000));
      assert.deepEqual(await openIds(), ['a1']);
    });

    it('open a call again for what comes of its room later, also where numbers alone told so', async () => {
      await opened.bring(failed('1', 0));
      await opened.bring(joined('RM_1', undefined, 100));
      await opened.store.calls.saveAttempts([{ ...attempt('1'), roomByNumbers: 'RM_1' }]);
      await finish();
      // An agent, hours later: its numbers say nothing.
      await opened.bring(joined('RM_1', undefined, 3_600_000, 'x'));
      assert.deepEqual(await openIds(), ['a1']);
      assert.deepEqual(await roomsOf('a1'), ['RM_1', 'RM_1']);
      assert.equal(await opened.store.liveKit.hasCall(undefined, 'RM_1'), true);
    });

    it('that say nothing of a call open none', async () => {
      await opened.bring(failed('1', 0, { sbcCallId: 'sip-1' }), joined('RM_1', 'sip-1', 1));
      await finish();
      const webhook = joined('RM_1', 'sip-1', 2);
      assert.ok(webhook.event.kind === 'livekit');
      const { touched } = await opened.bring({ ...webhook, event: { ...webhook.event, name: 'room_started' } });
      assert.deepEqual(touched, []);
      assert.deepEqual(await openIds(), []);
    });

    it('are read up to 2,000 of each room, the latest', async () => {
      await opened.bring(status('1', 0, { sbcCallId: 'sip-1' }));
      await opened.bring(joined('RM_1', 'sip-1', 0, 'x'));
      await opened.bring(joined('RM_2', 'sip-1', 0, 'x'));
      await opened.bring(...Array.from({ length: 2_000 }, (_, i) => joined('RM_1', undefined, i + 1, 'x')));
      const events = (await opened.store.loader.liveKitEventsOf(['a1'])).get('a1') ?? [];
      const of = (room: string) => events.filter((event) => event.room?.sid === room).map(({ at }) => at - T0);
      assert.deepEqual(of('RM_2'), [0]);
      assert.deepEqual([of('RM_1').length, of('RM_1')[0], of('RM_1').at(-1)], [2_000, 1, 2_000]);
    });

    it('have the calls beside one that its participants may be of: by Call-ID, or by numbers within 30 s', async () => {
      await opened.bring(
        status('1', 60_000),
        status('2', 90_000),
        status('3', 90_001),
        status('4', 30_000),
        status('5', 29_999),
        status('6', 60_000, { from: '+15550106' }),
        status('7', 3_600_000, { from: '+15550107', sbcCallId: 'sip-7' }),
      );
      const rivals = async (...sipCallIds: string[]) =>
        [...(await opened.store.loader.rivalsOf('a1', sipCallIds)).keys()].toSorted();
      assert.deepEqual(await rivals(), ['a2', 'a4']);
      assert.deepEqual(await rivals('sip-7', 'of nobody'), ['a2', 'a4', 'a7']);
    });
  });
}

describe('replicas', () => {
  it('open a call again for what LiveKit tells another of them', async () => {
    const { replicas, close } = await openReplicas(2);
    const [one, other] = replicas;
    assert.ok(one && other);
    await one.bring(
      status('1', 0, { sbcCallId: 'sip-1', from: '+15550101' }),
      status('2', 0),
      status('3', 0, { from: '+15550103' }),
    );
    const claimed = await one.store.due.claim(T0 + 240_000, 10);
    await one.store.due.handBack(claimed.map((call) => ({ call, attempts: [], dueAt: undefined })));
    await other.bring(joined('RM_1', 'sip-1', 400, '+15550101'), joined('RM_2', undefined, 500));
    const due = (await one.store.due.claim(T0 + 1_000, 10)).map(({ callId }) => callId);
    const events = await one.store.loader.liveKitEventsOf(due);
    const rooms = due.map((callId) => `${callId} ${events.get(callId)?.map(({ room }) => room?.sid)}`);
    assert.deepEqual(rooms.sort(), ['a1 RM_1', 'a2 RM_2']);
    await close();
  });
});
