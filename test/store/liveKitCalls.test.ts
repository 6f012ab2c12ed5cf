import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { LiveKitEvent } from '../../src/core/call/livekitEvent.ts';
import type { ReadWebhook } from '../../src/store/calls/delivery.ts';
import type { Store } from '../../src/store/store.ts';
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
    const roomsOf = async (callId: string) => (await eventsOf(opened.store, callId)).map(({ room }) => room?.sid);

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
      const loaded = await eventsOf(opened.store, 'a1');
      assert.deepEqual(
        loaded.map(({ transfer }) => transfer?.sipCallId),
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
      const events = await eventsOf(opened.store, 'a1');
      const of = (room: string) => events.filter((event) => event.room?.sid === room).map(({ at }) => at - T0);
      assert.deepEqual(of('RM_2'), [0]);
      assert.deepEqual([of('RM_1').length, of('RM_1')[0], of('RM_1').at(-1)], [2_000, 1, 2_000]);
    });

    it('of a participant whose Call-ID is known open no other call with its numbers', async () => {
      await opened.bring(failed('1', 0), status('2', 0, { sbcCallId: 'sip-2' }));
      await finish();
      await opened.bring(joined('RM_2', 'sip-2', 100));
      assert.deepEqual(await openIds(), ['a2']);
      assert.deepEqual(await roomsOf('a1'), []);
      assert.deepEqual(await roomsOf('a2'), ['RM_2']);
    });

    it('that may have been of one call open it again once another call shows the Call-ID', async () => {
      await opened.bring(failed('1', 0));
      await opened.bring(joined('RM_2', 'sip-2', 100));
      assert.deepEqual(await roomsOf('a1'), ['RM_2']);
      await finish();
      const { touched } = await opened.bring(status('2', 200, { sbcCallId: 'sip-2' }));
      const seen = touched.map(({ callId, isReconsidered, isNew }) => [callId, isReconsidered, isNew]);
      assert.deepEqual(seen.sort(), [
        ['a1', true, false],
        ['a2', false, true],
      ]);
      assert.deepEqual(await roomsOf('a1'), []);
      await finish();
      await opened.bring(status('2', 300, { sbcCallId: 'sip-2', callStatus: 'in-progress', sipStatus: 200 }));
      assert.deepEqual(await openIds(), ['a2'], 'the Call-ID is no news any more');
    });

    it('concern the 20 nearest of many calls with the same numbers', async () => {
      const ids = Array.from({ length: 60 }, (_, i) => String(100 + i));
      for (const [i, id] of ids.entries()) await opened.bring(failed(id, i * 100));
      await finish();
      await opened.bring(joined('RM_1', undefined, 2_990));
      const nearest = ids.slice(20, 40).map((id) => `a${id}`);
      assert.deepEqual(await openIds(), nearest);
      assert.deepEqual(
        [...(await opened.store.loader.rivalsOf('a130', [])).keys()].toSorted(),
        ids.filter((id) => Math.abs(Number(id) - 130) <= 10 && id !== '130').map((id) => `a${id}`),
      );
      for (const [i, id] of ids.entries()) await opened.bring(joined(`RM_${id}`, undefined, i * 100 + 1));
      const rooms = (await opened.store.loader.roomsOf(['a130'])).get('a130') ?? [];
      assert.equal(rooms.length, 20);
      assert.ok(rooms.includes('RM_130') && !rooms.includes('RM_100'));
    });

    it('open no call of a room that left it more than 30 s before', async () => {
      await opened.bring(status('1', 0, { sbcCallId: 'sip-1' }), status('2', 0, { sbcCallId: 'sip-2' }));
      await opened.bring(
        joined('RM_1', 'sip-1', 10, 'x'),
        joined('RM_1', 'sip-2', 20, 'x'),
        left('RM_1', 'sip-1', 1_000),
      );
      await finish();
      await opened.bring(joined('RM_1', undefined, 31_001, 'x'));
      assert.deepEqual(await openIds(), ['a2']);
      await finish();
      await opened.bring(joined('RM_1', undefined, 31_000, 'x'));
      assert.deepEqual(await openIds(), ['a1', 'a2']);
      await finish();
      const late = joined('RM_1', undefined, 2_000, 'x');
      await opened.bring({ ...late, event: { ...late.event, receivedAt: T0 + 600_000 } });
      assert.deepEqual(await openIds(), ['a1', 'a2'], 'a late webhook of its time');
      await finish();
      await opened.bring(left('RM_1', 'sip-1', 700_000));
      assert.deepEqual(await openIds(), ['a1', 'a2'], 'one of its own');
    });

    it('open a call again whatever time LiveKit gives them', async () => {
      await opened.bring(status('1', 0, { sbcCallId: 'sip-1' }), joined('RM_1', 'sip-1', 10, 'x'));
      for (const at of [0.1, 1e300, Number.MAX_SAFE_INTEGER, T0 + 0.5]) {
        await finish();
        const webhook = joined('RM_1', undefined, 20 + at, 'x');
        await opened.bring({ ...webhook, event: { ...webhook.event, at, receivedAt: T0 + 20 } });
        assert.deepEqual(await openIds(), ['a1'], String(at));
      }
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

async function eventsOf({ loader }: Store, callId: string): Promise<LiveKitEvent[]> {
  const rooms = (await loader.roomsOf([callId])).get(callId) ?? [];
  const events = await loader.eventsOfRooms(rooms);
  return rooms.flatMap((room) => events.get(room) ?? []);
}

function left(room: string, sipCallId: string, at: number): ReadWebhook {
  const webhook = joined(room, sipCallId, at, 'x');
  assert.ok(webhook.event.kind === 'livekit');
  return { ...webhook, event: { ...webhook.event, name: 'participant_left' } };
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
    const rooms = [...(await one.store.loader.roomsOf(due))].map(([callId, its]) => `${callId} ${its}`);
    assert.deepEqual(rooms.sort(), ['a1 RM_1', 'a2 RM_2']);
    await close();
  });
});
