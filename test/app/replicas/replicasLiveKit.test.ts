import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Place, postgresSchema, sqliteFile } from '../../store/schema/databases.ts';
import { until } from '../../store/storedEvents.ts';
import { startService } from '../service.ts';

const RECORDED = readFileSync(new URL('../../recorded/livekit-webhooks.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { at: number; headers: Record<string, string>; body: string })
  .slice(0, 5);
const BEGAN = RECORDED[0]?.at ?? 0;
/** The SIP Call-ID of the recorded call that an agent answered. */
const SIP_CALL_ID = 'e4f381ca-966c-490f-b2ba-d54c87b64d6d';

type Service = Awaited<ReturnType<typeof startService>>;

describe('LiveKit’s webhooks on one replica, Jambonz’s on another', () => {
  let database: Awaited<ReturnType<typeof postgresSchema>>;
  let journals: Place[];
  let services: readonly [jambonzs: Service, livekits: Service];

  beforeEach(async () => {
    database = await postgresSchema();
    journals = [await sqliteFile(), await sqliteFile()];
    const start = (journal: Place | undefined) =>
      startService(
        {
          LIVEKIT_API_KEY: 'devkey',
          LIVEKIT_API_SECRET: 'secret-secret-secret-secret-secret-1234',
          DATABASE_URL: database.url,
          JOURNAL_DIR: journal?.url ?? '',
        },
        BEGAN,
      );
    services = [await start(journals[0]), await start(journals[1])];
  });
  afterEach(async () => {
    for (const { app } of services) await app.close();
    for (const { remove } of [...journals, database]) await remove();
  });

  const at = (now: number) => {
    for (const { clock } of services) clock.now = now;
  };
  /** Both services' sum of a metric. */
  const sum = async (metric: string) => {
    const samples = await Promise.all(services.map((service) => service.samples(metric)));
    return samples.flatMap((one) => Object.values(one)).reduce((total, value) => total + value, 0);
  };
  const jambonz = (keys: object) =>
    services[0].app.http.inject({
      method: 'POST',
      url: '/jambonz/call-status',
      payload: JSON.stringify({
        call_sid: 'b',
        parent_call_sid: 'a',
        direction: 'outbound',
        from: '+4915112345678',
        to: 'sip:4991874350352@lab.example',
        ...keys,
      }),
    });
  const livekit = async () => {
    for (const webhook of RECORDED) {
      at(webhook.at);
      const { headers, body } = webhook;
      await services[1].app.http.inject({ method: 'POST', url: '/livekit/webhook', headers, payload: body });
    }
  };
  const liveKitStored = () =>
    until(async () => (await database.query('SELECT 1 FROM livekit_events')).length === RECORDED.length);
  const settled = async () => {
    at(BEGAN + 10_000);
    await until(async () => (await sum('sipwhy_call_attempts_total')) === 1);
  };
  const ringing = (keys: object) =>
    jambonz({ call_status: 'ringing', sip_status: 180, sip_reason: 'Ringing', ...keys });
  const answer = (keys: object) => jambonz({ call_status: 'in-progress', sip_status: 200, sip_reason: 'OK', ...keys });

  for (const [how, keys] of [
    ['by the SIP Call-ID', { sbc_callid: SIP_CALL_ID }],
    ['by numbers and time', {}],
  ] as const) {
    it(`are joined ${how}`, async () => {
      await ringing(keys);
      await livekit();
      await answer(keys);
      // The clocks leap past the verdict: in no time, where seconds would pass.
      await liveKitStored();
      await settled();
      assert.equal(await sum('sipwhy_livekit_participants_total'), 1);
      assert.equal(await sum('sipwhy_call_to_agent_seconds_count'), 1);
      const call = (await services[0].app.http.inject('/api/v1/calls/b')).json();
      const sources = call.timeline.map(({ source }: { source: string }) => source);
      assert.equal(sources.filter((source: string) => source === 'livekit').length, RECORDED.length);
    });
  }

  it('that come after the verdict correct it, and it is counted once', async () => {
    await ringing({ sbc_callid: SIP_CALL_ID });
    await answer({ sbc_callid: SIP_CALL_ID });
    await settled();
    await livekit();
    at(BEGAN + 20_000);
    const judged = 'SELECT 1 FROM open_calls WHERE arrivals > 2 AND arrivals = judged';
    await until(async () => (await database.query(judged)).length === 1);
    assert.equal(await sum('sipwhy_call_attempts_total'), 1);
  });
});
