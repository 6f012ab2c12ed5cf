import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CAUSES } from '../../src/core/diagnose/causes.ts';
import { RECORDED, RECORDED_SECRET, type RecordedCase, startOf, startService } from './service.ts';

/** One recorded call of each kind. */
const ONE_OF_EACH = RECORDED.filter(({ id }) => id.endsWith('-2'));

describe('recorded webhooks posted over HTTP', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
  });
  after(() => rm(directory, { recursive: true }));

  const serviceFor = (recordedCase: RecordedCase) => {
    const file = join(directory, `${recordedCase.id}.json`);
    writeFileSync(file, JSON.stringify(recordedCase.livekit));
    const env = {
      LIVEKIT_CONFIG_FILE: file,
      JAMBONZ_SBC_ADDRESSES: recordedCase.invite.source_ip,
      JAMBONZ_WEBHOOK_SECRET: RECORDED_SECRET,
    };
    return startService(env, startOf(recordedCase));
  };

  for (const recordedCase of ONE_OF_EACH) {
    it(`counts and explains ${recordedCase.id} as ${recordedCase.expected.blocking[0]}`, async () => {
      const service = await serviceFor(recordedCase);
      try {
        const codes = await service.post(recordedCase.webhooks, startOf(recordedCase));
        assert.deepEqual(
          codes,
          recordedCase.webhooks.map(({ path }) => (path.endsWith('dial-action') ? 200 : 204)),
        );
        await service.pass(1_000);
        const failures = Object.entries(await service.samples('sipwhy_call_failures_total'));
        assert.equal(failures.length, 1);
        const [labels, value] = failures[0] ?? ['', 0];
        assert.match(labels, new RegExp(`cause="${recordedCase.expected.blocking[0]}"`));
        assert.equal(value, 1);

        const dialled = recordedCase.webhooks
          .map(({ body }) => JSON.parse(body) as { call_sid: string; direction: string })
          .find(({ direction }) => direction === 'outbound');
        const answer = await service.app.http.inject(`/api/v1/calls/${dialled?.call_sid}`);
        const call = answer.json() as { attempts: { call_sid: string; cause: string; summary: string }[] };
        assert.equal(call.attempts.length, 1);
        assert.equal(call.attempts[0]?.call_sid, dialled?.call_sid);
        assert.equal(call.attempts[0]?.cause, recordedCase.expected.blocking[0]);
        assert.match(call.attempts[0]?.summary ?? '', /failed/);
      } finally {
        await service.app.close();
      }
    });
  }

  it('never lets a trunk’s password out', async () => {
    const recordedCase = RECORDED.find(({ id }) => id === 'auth_missing-101-0');
    assert.ok(recordedCase);
    const passwords = recordedCase.livekit.inbound_trunks
      .map((trunk) => String(Reflect.get(trunk, 'auth_password') ?? ''))
      .filter(Boolean);
    assert.notEqual(passwords.length, 0);
    const service = await serviceFor(recordedCase);
    try {
      await service.post(recordedCase.webhooks, startOf(recordedCase));
      await service.pass(1_000);
      for (const url of ['/metrics', '/api/v1/calls']) {
        const { body } = await service.app.http.inject(url);
        for (const password of passwords) assert.doesNotMatch(body, new RegExp(password));
      }
    } finally {
      await service.app.close();
    }
  });

  it('shows every cause from the start, at zero', async () => {
    const service = await startService({});
    try {
      const { body } = await service.app.http.inject('/metrics');
      for (const { id, party } of CAUSES) {
        const series = `sipwhy_call_failures_total{cause="${id}",party="${party}",trunk="none"} 0`;
        assert.equal(body.includes(series), party !== 'nobody', id);
      }
    } finally {
      await service.app.close();
    }
  });
});
