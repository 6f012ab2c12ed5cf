import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { startService } from './service.ts';

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

for (const [what, by] of Object.entries(JUMPS)) {
  describe(`a clock that is set ${what}`, () => {
    let directory: string;
    let service: Service;
    const env = () => ({ DATABASE_URL: join(directory, 'sipwhy.db') });
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'sipwhy-'));
      service = await startService(env());
    });
    afterEach(async () => {
      await service.app.close();
      rmSync(directory, { recursive: true });
    });

    it('makes no call older: one that rings settles when its time is up, and not before', async () => {
      await post(service, 'rings', 'ringing', 180);
      await service.pass(100_000);
      service.jump(by);
      await service.pass(130_000);
      assert.deepEqual(await outcomes(service), {});
      await service.pass(by > 0 ? 15_000 : 140_000);
      assert.deepEqual(await outcomes(service), { rings: 'failed' });
    });

    it('lets calls that began before it connect and fail as they do', async () => {
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
    });

    it('does not delay a new call, nor one that it finds at a start', async () => {
      await post(service, 'before', 'failed', 503);
      service.jump(by);
      await post(service, 'new', 'failed', 503);
      await service.pass(10_000);
      assert.deepEqual(await outcomes(service), { before: 'failed', new: 'failed' });

      await post(service, 'at the start', 'failed', 503);
      const { now } = service.clock;
      await service.app.close();
      service = await startService(env(), now - by);
      await service.pass(10_000);
      assert.equal((await outcomes(service))['at the start'], 'failed');
    });

    it('takes two webhooks with the same body for two, and a repeat for one', async () => {
      await post(service, 'twice', 'ringing', 180);
      await post(service, 'twice', 'ringing', 180);
      service.jump(by);
      await service.pass(1_000);
      await post(service, 'twice', 'ringing', 180);
      const { timeline } = (await service.app.http.inject('/api/v1/calls/twice')).json();
      assert.equal(timeline.length, 2);
    });

    it('leaves those who poll for events what is new', async () => {
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
    });
  });
}
