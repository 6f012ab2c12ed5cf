import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { recorded, startOf, startService } from './service.ts';

describe('after a restart', () => {
  const recordedCase = recorded('caller_not_allowed-101-0');
  const began = startOf(recordedCase);
  const dialled: string = JSON.parse(recordedCase.webhooks[2]?.body ?? '').call_sid;
  let directory: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const file = join(directory, 'livekit.json');
    await writeFile(file, JSON.stringify(recordedCase.livekit));
    env = {
      DATABASE_URL: join(directory, 'store.db'),
      LIVEKIT_CONFIG_FILE: file,
      JAMBONZ_SBC_ADDRESSES: recordedCase.invite.source_ip,
    };
  });
  afterEach(() => rm(directory, { recursive: true }));

  for (let before = 1; before < recordedCase.webhooks.length; before += 1) {
    it(`a call with ${before} of its webhooks goes on where it was, and is counted once`, async () => {
      const first = await startService(env, began);
      await first.post(recordedCase.webhooks.slice(0, before), began);
      await first.app.close();
      const second = await startService(env, first.clock.now);
      try {
        await second.post(recordedCase.webhooks.slice(before), began);
        await second.pass(5_000);
        const counted = await second.samples('sipwhy_call_failures_total');
        assert.deepEqual(counted, {
          '{cause="caller_not_allowed",party="livekit_config",trunk="ST_nJXiMowJ7FZC"}': 1,
        });
        const call = (await second.app.http.inject(`/api/v1/calls/${dialled}`)).json();
        assert.equal(call.timeline.length, recordedCase.webhooks.length);
        assert.equal(call.attempts[0].cause, 'caller_not_allowed');
      } finally {
        await second.app.close();
      }
    });
  }

  it('an attempt that was settled before is not counted again, also not after a late webhook', async () => {
    const first = await startService(env, began);
    await first.post(recordedCase.webhooks.slice(0, -1), began);
    await first.pass(2_000);
    assert.equal(Object.keys(await first.samples('sipwhy_call_failures_total')).length, 1);
    await first.app.close();
    const second = await startService(env, first.clock.now);
    try {
      await second.post(recordedCase.webhooks.slice(-1), began);
      await second.pass(120_000);
      assert.deepEqual(await second.samples('sipwhy_call_attempts_total'), {});
      assert.equal((await second.samples('sipwhy_open_calls'))[''], undefined);
    } finally {
      await second.app.close();
    }
  });

  for (const [when, waits] of [
    ['within a minute', 20_000],
    ['long after', 600_000],
  ] as const) {
    for (const isRestarted of [false, true]) {
      const what = isRestarted ? 'and a restart ' : '';
      it(`a leg that is first heard of ${when} ${what}the A leg was counted takes its place`, async () => {
        const isOfALeg = ({ path, body }: (typeof recordedCase.webhooks)[number]) =>
          path.endsWith('call-status') && JSON.parse(body).call_sid !== dialled;
        const end = recordedCase.webhooks.at(-1)?.at_ms ?? 0;
        const late = recordedCase.webhooks.filter((webhook) => !isOfALeg(webhook));
        let service = await startService(env, began);
        try {
          await service.post(recordedCase.webhooks.filter(isOfALeg), began);
          await service.pass(waits);
          const counted = await service.samples('sipwhy_call_attempts_total');
          assert.deepEqual(Object.values(counted), [1]);
          if (isRestarted) {
            await service.app.close();
            service = await startService(env, service.clock.now);
          }
          await service.post(
            late.map((webhook) => ({ ...webhook, at_ms: end + waits + webhook.at_ms })),
            began,
          );
          await service.pass(10_000);
          assert.deepEqual(await service.samples('sipwhy_call_attempts_total'), isRestarted ? {} : counted);
          const { calls } = (await service.app.http.inject('/api/v1/calls')).json();
          assert.deepEqual(
            calls.map((call: { call_sid: string; cause: string }) => [call.call_sid, call.cause]),
            [[dialled, 'caller_not_allowed']],
          );
          const { incidents } = (await service.app.http.inject('/api/v1/incidents?state=open')).json();
          assert.deepEqual(
            incidents.map((incident: { cause: string; calls: number }) => [incident.cause, incident.calls]),
            [['caller_not_allowed', 1]],
          );
        } finally {
          await service.app.close();
        }
      });
    }
  }

  it('the same webhook is still known for a repeat', async () => {
    const first = await startService(env, began);
    await first.post(recordedCase.webhooks.slice(0, 1), began);
    await first.app.close();
    const second = await startService(env, began);
    try {
      await second.post(recordedCase.webhooks.slice(0, 1), began + 200_000);
      assert.deepEqual(await second.samples('sipwhy_webhooks_total'), {
        '{source="jambonz",event="call_status",result="repeated"}': 1,
      });
    } finally {
      await second.app.close();
    }
  });
});
