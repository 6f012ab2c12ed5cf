import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { CALLED, LIVEKIT_URI, SBC, TWO_TRUNKS, trunk, type Webhook, webhooksOf } from '../core/scenario.ts';
import { postgresSchema } from '../store/schema/databases.ts';
import { type VirtualReplica, virtualReplica } from './replicas/virtualReplica.ts';
import { type RecordedCase, startService } from './service.ts';
import { freshIds } from './signing.ts';

const OTHER_NUMBER = '+15550142';
/** Two trunks that conflict, and one that has nothing to do with them. */
const CONFLICT = {
  ...TWO_TRUNKS,
  inbound_trunks: [...TWO_TRUNKS.inbound_trunks, trunk({ sip_trunk_id: 'ST_3', numbers: [OTHER_NUMBER] })],
};
const ELSEWHERE = LIVEKIT_URI.replace(CALLED, OTHER_NUMBER);
const BEGAN = 1_795_387_200_000;

/** A call that LiveKit answers with 503, so many seconds after the first. */
function failing(atSeconds: number, to: string) {
  const renew = freshIds();
  const webhooks = webhooksOf({ response: [503, 'Try again later', 230], to }).map((webhook) => ({
    ...webhook,
    at_ms: webhook.at_ms + atSeconds * 1_000,
    body: renew(webhook.body ?? '').replaceAll('-leg@', `-leg-${atSeconds}@`),
  }));
  return { webhooks, callSid: dialledLegOf(webhooks) };
}

function dialledLegOf(webhooks: readonly Webhook[]): string {
  const bodies = webhooks.map(({ body = '' }) => JSON.parse(body));
  return bodies.find(({ direction }) => direction === 'outbound').call_sid;
}

const OUTAGE = ['livekit_unavailable', 'likely'];

for (const [what, order] of [
  ['is evidence on those after it', ['elsewhere', 'conflict']],
  ['is seen in another light by those after it', ['conflict', 'elsewhere']],
] as const) {
  it(`what calls did before a restart ${what}`, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const file = join(directory, 'livekit.json');
    await writeFile(file, JSON.stringify(CONFLICT));
    const env = {
      DATABASE_URL: join(directory, 'store.db'),
      LIVEKIT_CONFIG_FILE: file,
      LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud',
      JAMBONZ_SBC_ADDRESSES: SBC,
    };
    const calls = order.map((kind, i) => ({ kind, ...failing(i * 20, kind === 'conflict' ? LIVEKIT_URI : ELSEWHERE) }));
    let service = await startService(env, BEGAN);
    try {
      for (const [i, { webhooks }] of calls.entries()) {
        if (i > 0) {
          await service.app.close();
          service = await startService(env, BEGAN + 15_000);
        }
        await service.post(webhooks as unknown as RecordedCase['webhooks'], BEGAN);
        await service.pass(10_000);
      }
      const conflict = calls.find(({ kind }) => kind === 'conflict');
      const { attempts } = (await service.app.http.inject(`/api/v1/calls/${conflict?.callSid}`)).json();
      assert.deepEqual([attempts[0].cause, attempts[0].confidence], OUTAGE);
    } finally {
      await service.app.close();
      await rm(directory, { recursive: true });
    }
  });
}

/** Two replicas on one PostgreSQL. */
async function withReplicas(test: (one: VirtualReplica, other: VirtualReplica) => Promise<void>): Promise<void> {
  const place = await postgresSchema();
  const [one, other] = [await virtualReplica(place, CONFLICT), await virtualReplica(place, CONFLICT)];
  try {
    await test(one, other);
  } finally {
    await Promise.all([one.end(), other.end()]);
    await place.remove();
  }
}

it('what calls did on one replica is evidence on those of another, also on those judged before', () =>
  withReplicas(async (one, other) => {
    const conflict = failing(0, LIVEKIT_URI);
    const elsewhere = failing(10, ELSEWHERE);
    const later = failing(20, LIVEKIT_URI);
    const said = async (callSid: string) => {
      const attempt = (await one.store.calls.find(callSid))?.attempts[0]?.record;
      return [attempt?.cause, attempt?.confidence];
    };
    await one.take(...conflict.webhooks);
    await one.settle(5_000);
    assert.deepEqual(await said(conflict.callSid), ['trunk_conflict', 'certain']);
    await other.take(...elsewhere.webhooks);
    await other.settle(15_000);
    await one.take(...later.webhooks);
    await one.settle(25_000);
    assert.deepEqual(await said(later.callSid), OUTAGE);
    assert.deepEqual(await said(conflict.callSid), OUTAGE);
    assert.equal(one.takeCounted().length, 2);
    assert.deepEqual(other.takeCounted(), [elsewhere.callSid]);
  }));

it('what is said otherwise on one replica is known to another', () =>
  withReplicas(async (one, other) => {
    const elsewhere = failing(0, ELSEWHERE);
    const conflict = failing(20, LIVEKIT_URI);
    await other.take(...elsewhere.webhooks);
    await other.settle(5_000);
    await one.settle(6_000);
    // It was answered after all.
    const dialled = elsewhere.webhooks.find(({ body }) => body.includes('"outbound"'));
    assert.ok(dialled);
    const answer = { ...JSON.parse(dialled.body), call_status: 'in-progress', sip_status: 200, sip_reason: 'OK' };
    await other.take({ ...dialled, at_ms: 7_000, body: JSON.stringify(answer) });
    await other.settle(10_000);
    await one.take(...conflict.webhooks);
    await one.settle(25_000);
    const attempt = (await one.store.calls.find(conflict.callSid))?.attempts[0]?.record;
    assert.equal(attempt?.cause, 'trunk_conflict');
  }));
