import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pino } from 'pino';
import { ClockWatch } from '../../../src/loop/clockWatch.ts';
import { Cleanup } from '../../../src/service/cleanup.ts';
import { Store } from '../../../src/store/store.ts';
import { metricsAlone } from '../../app/metrics/metricsAlone.ts';
import { startService } from '../../app/service.ts';
import { attempt } from '../../store/openStore.ts';
import { T0 } from '../../store/storedEvents.ts';
import type { Attack, Ground } from '../attack.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
type Service = Awaited<ReturnType<typeof startService>>;

const JUMPS = {
  'an hour ahead': HOUR,
  'a year ahead': 365 * DAY,
  'an hour back': -HOUR,
  'a year back': -365 * DAY,
};

async function post(service: Service, callSid: string, callStatus: string, sipStatus: number): Promise<void> {
  const payload = {
    call_sid: callSid,
    call_status: callStatus,
    sip_status: sipStatus,
    direction: 'outbound',
    parent_call_sid: `a-${callSid}`,
    from: '+15550123',
    to: 'sip:+15550100@lab.sip.livekit.cloud',
  };
  const { statusCode } = await service.app.http.inject({ method: 'POST', url: '/jambonz/call-status', payload });
  assert.equal(statusCode, 204);
}

async function outcomes(service: Service): Promise<Record<string, string>> {
  const { calls } = (await service.app.http.inject('/api/v1/calls?limit=500')).json();
  return Object.fromEntries(calls.map((call: { call_sid: string; outcome: string }) => [call.call_sid, call.outcome]));
}

/** What must hold when a clock jumps by so many milliseconds. */
const HOLDS: Readonly<Record<string, (service: Service, by: number) => Promise<void>>> = {
  'a call that rings settles when its time is up, and not before': async (service, by) => {
    await post(service, 'rings', 'ringing', 180);
    await service.pass(100_000);
    service.jump(by);
    await service.pass(130_000);
    assert.deepEqual(await outcomes(service), {});
    await service.pass(by > 0 ? 15_000 : 140_000);
    assert.deepEqual(await outcomes(service), { rings: 'failed' });
  },
  'calls that began before connect and fail as they do': async (service, by) => {
    await post(service, 'connects', 'ringing', 180);
    await post(service, 'fails', 'ringing', 180);
    await service.pass(5_000);
    service.jump(by);
    await service.pass(5_000);
    await post(service, 'connects', 'in-progress', 200);
    await post(service, 'fails', 'failed', 503);
    await service.pass(10_000);
    assert.deepEqual(await outcomes(service), { connects: 'connected', fails: 'failed' });
    assert.deepEqual(await service.samples('sipwhy_call_attempts_total'), {
      '{trunk="unknown",outcome="connected"}': 1,
      '{trunk="unknown",outcome="failed"}': 1,
    });
  },
  'a new call settles at once, and one that had just ended too': async (service, by) => {
    await post(service, 'before', 'failed', 503);
    service.jump(by);
    await post(service, 'new', 'failed', 503);
    await service.pass(10_000);
    assert.deepEqual(await outcomes(service), { before: 'failed', new: 'failed' });
  },
  'two webhooks with the same body are two, and a repeat is one': async (service, by) => {
    await post(service, 'twice', 'ringing', 180);
    await post(service, 'twice', 'ringing', 180);
    service.jump(by);
    await service.pass(1_000);
    await post(service, 'twice', 'ringing', 180);
    const { timeline } = (await service.app.http.inject('/api/v1/calls/twice')).json();
    assert.equal(timeline.length, 2);
  },
  'who polls for events gets what is new': async (service, by) => {
    const poll = async (cursor: string) =>
      (await service.app.http.inject(`/api/v1/events?poll=1&cursor=${cursor}`)).json();
    await post(service, 'before', 'failed', 503);
    await service.pass(10_000);
    const { cursor } = await poll('0');
    service.jump(by);
    await service.pass(60_000);
    const { cursor: later } = await poll(cursor);
    await post(service, 'after', 'failed', 503);
    await service.pass(8_000);
    const { events } = await poll(later);
    const sids = events.map(({ data }: { data: { call_sid: string } }) => data.call_sid);
    assert.ok(sids.includes('after'), `${sids}`);
  },
  'and back again, calls settle as if it had not': async (service, by) => {
    await post(service, 'rings', 'ringing', 180);
    await service.pass(100_000);
    service.jump(by);
    await service.pass(25_000);
    service.jump(-by);
    await service.pass(100_000);
    assert.deepEqual(await outcomes(service), {});
    await post(service, 'rings', 'failed', 486);
    await service.pass(10_000);
    assert.deepEqual(Object.keys(await outcomes(service)), ['rings']);
  },
};

const jumps = Object.entries(JUMPS).flatMap(([jump, by]) =>
  Object.entries(HOLDS).map(
    ([what, holds]): Attack => ({
      what: `the clock jumps ${jump}: ${what}`,
      async run() {
        const service = await startService({});
        try {
          await holds(service, by);
        } finally {
          await service.app.close();
        }
      },
    }),
  ),
);

const restarts = Object.entries(JUMPS).map(
  ([jump, by]): Attack => ({
    what: `the clock jumps ${jump} between a stop and a start`,
    async run(ground) {
      const env = { DATABASE_URL: join(ground.directory(), 'sipwhy.db') };
      const before = await startService(env);
      await post(before, 'open', 'failed', 503);
      await before.app.close();
      const after = await startService(env, before.clock.now + by);
      await after.pass(10_000);
      const found = await outcomes(after);
      await after.app.close();
      assert.deepEqual(found, { open: 'failed' });
    },
  }),
);

/** A store with two calls, one old enough to be deleted, and what deletes under a clock of its own. */
async function retention(ground: Ground) {
  const store = await Store.open(join(ground.directory(), 'sipwhy.db'));
  const clock = { now: T0 + DAY, elapsed: 0 };
  const pass = (milliseconds: number) => {
    clock.now += milliseconds;
    clock.elapsed += milliseconds;
  };
  const watch = new ClockWatch(
    () => clock.now,
    () => clock.elapsed,
  );
  const cleanup = new Cleanup({
    store: store.retention,
    settings: { days: 14, failureDays: 90, maxBytes: undefined },
    metrics: metricsAlone().store,
    logger: pino({ level: 'silent' }),
    clock: watch,
  });
  await store.calls.saveAttempts([attempt('1'), attempt('2')]);
  const kept = async () => (await store.search.find({}, 10)).found.length;
  return { store, clock, pass, cleanup, kept };
}

const retained: readonly Attack[] = [
  {
    what: 'the clock is a year ahead for 25 s, after the service ran for a day',
    faults: [5],
    async run(ground) {
      const { store, clock, pass, cleanup, kept } = await retention(ground);
      pass(DAY);
      await cleanup.run();
      clock.now += 365 * DAY;
      await cleanup.run();
      pass(25_000);
      await cleanup.run();
      clock.now -= 365 * DAY;
      await cleanup.run();
      assert.equal(await kept(), 2);
      await store.close();
    },
  },
  {
    what: 'the clock is a year ahead from the start, and corrected within the hour',
    async run(ground) {
      const { store, clock, pass, cleanup, kept } = await retention(ground);
      clock.now += 365 * DAY;
      for (let minutes = 0; minutes < 59; minutes += 10) {
        pass(10 * 60_000 - 60_000);
        await cleanup.run();
      }
      clock.now -= 365 * DAY;
      await cleanup.run();
      pass(2 * HOUR);
      await cleanup.run();
      assert.equal(await kept(), 2);
      await store.close();
    },
  },
  {
    what: 'the clock is a year back for an hour, and what is old is deleted afterwards all the same',
    async run(ground) {
      const { store, clock, pass, cleanup, kept } = await retention(ground);
      pass(DAY);
      clock.now -= 365 * DAY;
      pass(2 * HOUR);
      await cleanup.run();
      assert.equal(await kept(), 2);
      clock.now += 365 * DAY;
      await cleanup.run();
      pass(100 * DAY);
      await cleanup.run();
      assert.equal(await kept(), 0);
      await store.close();
    },
  },
];

export const time: readonly Attack[] = [...jumps, ...restarts, ...retained];
