import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../durable/serviceProcess.ts';
import type { Attack, Ground } from '../attack.ts';
import type { Target } from '../attackedService.ts';
import { configurationOf } from '../matchingShapes.ts';
import { sendInCalm } from '../sendInCalm.ts';
import { withoutBlocking } from '../withoutBlocking.ts';

const COUNT = 10_000;
const CALLS = 500;

let file: string | undefined;
let writings = 0;

/** Writes a configuration in which every trunk and every rule is another than before. */
function writeConfiguration(path: string): void {
  writings += 1;
  const [name, numbered] = [`name ${writings}`, writings];
  const trunk = (i: number) => ({ name, numbers: [`+49${1_000_000_000 + i + numbered}`] });
  const rule = (i: number) => ({ name, trunk_ids: [`ST_${i}`] });
  // The service never reads a half of each.
  writeFileSync(`${path}.new`, JSON.stringify(configurationOf((i) => [trunk(i), rule(i)], COUNT)));
  renameSync(`${path}.new`, path);
}

/** A service with 10,000 trunks, each with series of its own, and 500 failed calls. */
async function filledService(ground: Ground): Promise<Target> {
  const isNew = file === undefined;
  file ??= join(ground.directory(), 'livekit.json');
  if (isNew) writeConfiguration(file);
  const service = await ground.service({
    LIVEKIT_CONFIG_FILE: file,
    LIVEKIT_REFRESH_SECONDS: '5',
    LIVEKIT_SIP_HOST: 'sip.example.com',
    JAMBONZ_SBC_ADDRESSES: '192.0.2.10',
    METRICS_TRUNK_LIMIT: String(COUNT),
  });
  if (!isNew) return service;
  const calls = Array.from({ length: CALLS }, (_, i) =>
    service.post('/jambonz/call-status', {
      call_sid: `call-${i}`,
      parent_call_sid: `caller-${i}`,
      call_status: 'failed',
      sip_status: 503,
      sip_reason: 'Service Unavailable',
      direction: 'outbound',
      from: `+4915${20_000_000 + i}`,
      to: `sip:49${5_000_000_000 + i}@sip.example.com`,
    }),
  );
  for (const { status } of await Promise.all(calls)) assert.equal(status, 204);
  await until('all calls are explained', async () => (await callsIn(service, 'fields=summary')) === CALLS);
  return service;
}

async function callsIn(service: Target, query: string): Promise<number> {
  const { text } = await sendInCalm(service, `/api/v1/calls?limit=${CALLS}&${query}`);
  return JSON.parse(text).calls.length;
}

async function answer(service: Target, path: string): Promise<string> {
  const { status, text } = await sendInCalm(service, path);
  assert.equal(status, 200);
  return text;
}

async function latestVersion(service: Target): Promise<number> {
  return JSON.parse(await answer(service, '/api/v1/trunks/history?limit=1')).versions[0].version;
}

const WORK: Readonly<Record<string, (service: Target) => Promise<void>>> = {
  '500 calls as JSON': async (service) => assert.equal(await callsIn(service, ''), CALLS),
  '500 calls as JSON ten times at once': async (service) => {
    const counts = await Promise.all(Array.from({ length: 10 }, () => callsIn(service, '')));
    assert.deepEqual([...new Set(counts)], [CALLS]);
  },
  '500 calls with masked numbers': async (service) => assert.equal(await callsIn(service, 'numbers=masked'), CALLS),
  '500 calls as a table': async (service) => {
    const text = await answer(service, `/api/v1/calls?limit=${CALLS}&format=csv`);
    assert.equal(text.trimEnd().split('\r\n').length, 1 + CALLS);
  },
  'all events since the beginning': async (service) => {
    const { events } = JSON.parse(await answer(service, '/api/v1/events?poll=1&cursor=0'));
    assert.ok(events.length >= CALLS, `${events.length} events`);
  },
  'the series of 10,000 trunks five times at once': async (service) => {
    const texts = await Promise.all(Array.from({ length: 5 }, () => answer(service, '/metrics')));
    for (const text of texts) assert.equal(text.match(/^sipwhy_trunk_info\{/gm)?.length, COUNT);
  },
  'the series of 10,000 trunks': async (service) => {
    const text = await answer(service, '/metrics');
    assert.equal(text.match(/^sipwhy_trunk_info\{/gm)?.length, COUNT);
    assert.equal(text.match(/^# TYPE sipwhy_trunk_info gauge$/gm)?.length, 1);
  },
};

const answers = Object.entries(WORK).map(
  ([what, work]): Attack => ({
    what: `a client asks for ${what}`,
    faults: [2],
    async run(ground) {
      const service = await filledService(ground);
      await withoutBlocking(service, () => work(service));
    },
  }),
);

const change: Attack = {
  what: 'all of 10,000 trunks and rules change, and a client asks what changed',
  faults: [2],
  async run(ground) {
    const service = await filledService(ground);
    await withoutBlocking(service, async () => {
      const before = await latestVersion(service);
      writeConfiguration(file ?? '');
      await until('the change is stored', async () => (await latestVersion(service)) > before);
      const after = await latestVersion(service);
      const { changes, changes_total } = JSON.parse(await answer(service, `/api/v1/trunks/history/${before}/${after}`));
      // Names and numbers of the trunks, and names of the rules.
      assert.deepEqual([changes.length, changes_total], [1_000, 3 * COUNT]);
    });
  },
};

export const longAnswers: readonly Attack[] = [...answers, change];
