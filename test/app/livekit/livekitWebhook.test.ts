import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startService } from '../service.ts';
import { liveKitToken } from '../signing.ts';

interface Recorded {
  readonly at: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const RECORDED = readFileSync(new URL('../../recorded/livekit-webhooks.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);
const KEYS = { LIVEKIT_API_KEY: 'devkey', LIVEKIT_API_SECRET: 'secret-secret-secret-secret-secret-1234' };
const FIRST = RECORDED[0] as Recorded;
/** The SIP Call-ID of the recorded call that an agent answered. */
const ANSWERED = 'e4f381ca-966c-490f-b2ba-d54c87b64d6d';

type Service = Awaited<ReturnType<typeof startService>>;

const withService = async (env: Record<string, string>, test: (service: Service) => Promise<void>) => {
  const service = await startService(env, FIRST.at);
  try {
    await test(service);
  } finally {
    await service.app.close();
  }
};
const post = ({ app }: Service, headers: Record<string, string>, payload: string) =>
  app.http.inject({ method: 'POST', url: '/livekit/webhook', headers, payload });
const send = async (service: Service, { at, headers, body }: Recorded) => {
  service.clock.now = at;
  return post(service, headers, body);
};
const signed = (body: string, now: number, secret = KEYS.LIVEKIT_API_SECRET, claims: object = {}) =>
  liveKitToken(body, secret, now, claims);
/** A status of a leg that was dialled to LiveKit. */
const leg = (keys: object) => ({
  method: 'POST' as const,
  url: '/jambonz/call-status',
  payload: JSON.stringify({
    call_sid: 'b',
    parent_call_sid: 'a',
    direction: 'outbound',
    from: '+4915112345678',
    to: 'sip:4991874350352@lab.example',
    sbc_callid: ANSWERED,
    ...keys,
  }),
});
const RINGING = leg({ call_status: 'ringing', sip_status: 180, sip_reason: 'Ringing' });
const ANSWER = leg({ call_status: 'in-progress', sip_status: 200, sip_reason: 'OK' });

describe('a webhook of LiveKit', () => {
  it('as LiveKit sent it is taken, whatever the event, and a repeat changes nothing', () =>
    withService(KEYS, async (service) => {
      for (const webhook of [...RECORDED, ...RECORDED]) {
        const answer = await send(service, webhook);
        assert.equal(answer.statusCode, 200);
        assert.deepEqual(answer.json(), {});
      }
      const results = Object.entries(await service.samples('sipwhy_webhooks_total'));
      const sum = (result: string) =>
        results.filter(([labels]) => labels.includes(`result="${result}"`)).reduce((total, [, n]) => total + n, 0);
      assert.equal(sum('accepted'), RECORDED.length);
      assert.equal(sum('repeated'), RECORDED.length);
    }));

  it('that is not LiveKit’s is refused with the remedy, before anything of it is parsed', () =>
    withService(KEYS, async (service) => {
      const { clock, samples } = service;
      const body = '{not json';
      const now = clock.now;
      for (const [authorization, reason] of [
        [undefined, 'missing_token'],
        ['garbage', 'malformed_token'],
        [`${'x'.repeat(9_000)}.y.z`, 'malformed_token'],
        [signed(body, now, 'another secret'), 'bad_signature'],
        [signed(body, now, undefined, { iss: 'another' }), 'unknown_key'],
        [signed(body, now + 100_000), 'expired_token'],
        [signed(body, now - 400_000), 'expired_token'],
        [signed(body, now, undefined, { exp: undefined }), 'expired_token'],
        [signed('{another json', now), 'body_mismatch'],
        [signed(body, now, undefined, { sha256: undefined }), 'body_mismatch'],
      ] as const) {
        const answer = await post(service, authorization === undefined ? {} : { authorization }, body);
        assert.equal(answer.statusCode, 401, reason);
        assert.equal(answer.json().type, `urn:sipwhy:problem:${reason}`);
      }
      const told = service.warnings.map((line) => [Reflect.get(line, 'source'), Reflect.get(line, 'seconds_ahead')]);
      assert.deepEqual(told, [['livekit', 100]]);
      const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${signed(body, now).split('.')[1]}.x`;
      assert.equal((await post(service, { authorization: none }, body)).statusCode, 401);
      // One that is signed is read, and only then found not to be JSON.
      assert.equal((await post(service, { authorization: `Bearer ${signed(body, now)}` }, body)).statusCode, 400);
      const events = Object.keys(await samples('sipwhy_webhooks_total'));
      assert.ok(events.every((labels) => labels.includes('event="other"')));
    }));

  it('is refused once its token has expired, and taken within the tolerance of the clocks', () =>
    withService(KEYS, async (service) => {
      service.clock.now = FIRST.at + 420_000;
      assert.equal((await post(service, FIRST.headers, FIRST.body)).statusCode, 401);
      service.clock.now = FIRST.at + 350_000;
      assert.equal((await post(service, FIRST.headers, FIRST.body)).statusCode, 200);
    }));

  it('may be signed with any of several keys', () =>
    withService(
      { LIVEKIT_API_KEY: 'new,devkey', LIVEKIT_API_SECRET: `new-secret,${KEYS.LIVEKIT_API_SECRET}` },
      async (service) => assert.equal((await send(service, FIRST)).statusCode, 200),
    ));

  it('is taken unverified only where there is no key, on loopback', async () => {
    await withService({}, async (service) => assert.equal((await post(service, {}, FIRST.body)).statusCode, 200));
    const refusedOn = async (env: Record<string, string>, headers: Record<string, string>) =>
      withService(env, async (service) => {
        const answer = await post(service, headers, FIRST.body);
        assert.deepEqual([answer.statusCode, answer.json().type], [401, 'urn:sipwhy:problem:no_key']);
      });
    for (const header of ['x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'forwarded'])
      await refusedOn({}, { [header]: '203.0.113.9' });
    await refusedOn(
      { HOST: '0.0.0.0', JAMBONZ_WEBHOOK_SECRET: 'long-enough-for-tests', API_TOKEN: 'a-token-of-this-test' },
      FIRST.headers,
    );
  });

  it('of an unknown event is counted and kept, whatever it looks like', () =>
    withService(KEYS, async (service) => {
      const body = '{"event":"robot_danced","room":7,"participant":"x"}';
      const headers = { authorization: signed(body, service.clock.now), 'content-type': 'text/plain' };
      assert.equal((await post(service, headers, body)).statusCode, 200);
      assert.deepEqual(await service.samples('sipwhy_webhooks_total'), {
        '{source="livekit",event="other",result="accepted"}': 1,
      });
    }));
});

describe('a call with LiveKit’s webhooks', () => {
  const timelineOf = async ({ app }: Service) => {
    const call = (await app.http.inject('/api/v1/calls/b')).json() as { timeline: { source: string; event: string }[] };
    return call.timeline.filter(({ source }) => source === 'livekit').map(({ event }) => event);
  };

  it('has them in its timeline, is counted as joined, and is timed', () =>
    withService(KEYS, async (service) => {
      await service.app.http.inject(RINGING);
      for (const webhook of RECORDED.slice(0, 5)) await send(service, webhook);
      await service.app.http.inject(ANSWER);
      await service.pass(2_000);
      assert.deepEqual(await timelineOf(service), [
        'room_started',
        'participant_joined',
        'participant_joined',
        'track_published',
        'track_published',
      ]);
      assert.deepEqual(await service.samples('sipwhy_livekit_participants_total'), { '{result="joined"}': 1 });
      for (const milestone of ['participant', 'agent', 'first_audio']) {
        assert.deepEqual(await service.samples(`sipwhy_call_to_${milestone}_seconds_count`), { '': 1 });
      }
    }));

  it('keeps no password of the room’s TURN server', () =>
    withService(KEYS, async (service) => {
      await service.app.http.inject(RINGING);
      for (const webhook of RECORDED) await send(service, webhook);
      assert.doesNotMatch((await service.app.http.inject('/api/v1/calls/b')).body, /turnPassword|ejazRVJw/);
    }));

  it('finds them again after a restart, whichever side came before it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    try {
      for (const jambonzFirst of [true, false]) {
        const env = { ...KEYS, DATABASE_URL: join(directory, `${jambonzFirst}.db`) };
        await withService(env, async (service) => {
          if (jambonzFirst) await service.app.http.inject(RINGING);
          else for (const webhook of RECORDED.slice(0, 5)) await send(service, webhook);
        });
        await withService(env, async (service) => {
          if (!jambonzFirst) await service.app.http.inject(RINGING);
          else for (const webhook of RECORDED.slice(0, 5)) await send(service, webhook);
          await service.app.http.inject(ANSWER);
          await service.pass(2_000);
          assert.equal((await timelineOf(service)).length, 5);
          assert.deepEqual(await service.samples('sipwhy_livekit_participants_total'), { '{result="joined"}': 1 });
        });
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
