import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../../src/core/check/check.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { clockLimitHere, limitHere } from '../../machineSpeed.ts';
import type { Attack, Ground } from '../attack.ts';
import type { Target } from '../attackedService.ts';
import { configurationOf, SHAPES } from '../matchingShapes.ts';
import { sendInCalm } from '../sendInCalm.ts';
import { withoutBlocking } from '../withoutBlocking.ts';

const COUNT = 10_000;
/** What other processes do on the machine makes single figures worthless. */
const TRIES = 3;
/**
 * One call is judged in this time at most, on an idle machine in about a third of it. In milliseconds of processor time;
 * longer on a slow machine.
 */
const JUDGED_MS = 40;
/** Work that grows with trunks times rules grows a hundredfold. */
const GROWTH = 25;

const SITE = {
  sipHosts: ['sip.example.com'],
  livekitUrlHost: undefined,
  sbcAddresses: ['192.0.2.10'],
  carriers: [],
  deployment: 'auto',
  strictAddresses: false,
} as const;

/** Processor time for judging, explaining and mending one call, in milliseconds: the least of some calls. */
function judgedIn(name: string, count: number): number {
  const shape = SHAPES[name];
  assert.ok(shape);
  const reading = readSnapshot(configurationOf(shape, count));
  assert.ok(reading.ok);
  const { snapshot } = reading;
  for (const _ of snapshot.prepare(false));
  const kinds = ['+491000000005', '+4930123456', '+4999', '00491000000006'];
  const times = kinds.map((to) => {
    const ofCalls = Array.from({ length: TRIES }, (_, i) => {
      const before = process.threadCpuUsage();
      check(SITE, snapshot, {
        to: `sip:${to}@sip.example.com`,
        caller: `+49170${i}`,
        source: undefined,
        auth: undefined,
      });
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1000;
    });
    return Math.min(...ofCalls);
  });
  return Math.max(...times);
}

const judged = Object.keys(SHAPES).map(
  (name): Attack => ({
    what: `10,000 trunks, each with ${name}: a call is judged at once`,
    faults: [2],
    async run() {
      const few = judgedIn(name, COUNT / 10);
      assert.ok(few <= (await limitHere(JUDGED_MS, few)), `${few} ms with a tenth of it`);
      const many = judgedIn(name, COUNT);
      assert.ok(many <= JUDGED_MS || many < few * GROWTH, `${few} ms with a tenth of it, ${many} ms with all`);
    },
  }),
);

const files = new Map<string, string>();

/** A service with this configuration, shared by the attacks on it. */
function serviceOf(ground: Ground, name: string): Promise<Target> {
  const shape = SHAPES[name];
  assert.ok(shape);
  const file = files.get(name) ?? join(ground.directory(), 'livekit.json');
  if (!files.has(name)) writeFileSync(file, JSON.stringify(configurationOf(shape, COUNT)));
  files.set(name, file);
  return ground.service({
    LIVEKIT_CONFIG_FILE: file,
    LIVEKIT_SIP_HOST: 'sip.example.com',
    JAMBONZ_SBC_ADDRESSES: '192.0.2.10',
  });
}

/** An answer of the engine, which judges calls in the other thread. */
async function engineAnswers(service: Target, path: string, status: number): Promise<void> {
  const began = performance.now();
  assert.equal((await sendInCalm(service, path)).status, status);
  const waitedMs = performance.now() - began;
  assert.ok(waitedMs < (await clockLimitHere(3_000, waitedMs)), `${path} took ${waitedMs} ms`);
}

let calls = 0;
async function failCalls(service: Target, count: number): Promise<void> {
  const all = Array.from({ length: count }, () => {
    calls += 1;
    return service.post('/jambonz/call-status', {
      call_sid: `call-${calls}`,
      parent_call_sid: `caller-${calls}`,
      call_status: 'failed',
      sip_status: 503,
      sip_reason: 'Service Unavailable',
      direction: 'outbound',
      from: `+4915${20_000_000 + calls}`,
      to: `sip:49${5_000_000_000 + calls}@sip.example.com`,
    });
  });
  for (const { status } of await Promise.all(all)) assert.ok(status < 300, String(status));
}

const UNDER_LOAD: Readonly<Record<string, (service: Target) => Promise<void>>> = {
  '100 calls to unknown numbers fail': async (service) => {
    await failCalls(service, 100);
    await engineAnswers(service, '/api/v1/calls/NONE', 404);
  },
  'a failed call is asked for': async (service) => {
    await failCalls(service, 1);
    await engineAnswers(service, `/api/v1/calls/call-${calls}`, 200);
  },
  'a call to an unknown number is checked': async (service) => {
    const { status } = await service.post('/api/v1/check', { to: 'sip:4911@sip.example.com', caller: '+491234' });
    assert.equal(status, 200);
  },
  '20 calls are checked at once': async (service) => {
    const target = Array.from({ length: 20 }, (_, i) => ({ type: 'sip', sipUri: `sip:+49${i}@sip.example.com` }));
    const { status, text } = await service.post('/api/v1/check', { dial: { verb: 'dial', target }, caller: '+491234' });
    assert.equal(status, 200);
    assert.ok(text.length < 5_000_000, `${text.length} characters`);
  },
  'the audit is asked for ten times at once': async (service) => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => service.send('/api/v1/trunks')));
    for (const { status, text } of answers) {
      assert.equal(status, 200);
      assert.equal(JSON.parse(text).trunks.length, COUNT);
    }
  },
  'a language model asks for the audit ten times at once': async (service) => {
    const params = { name: 'audit', arguments: {} };
    const headers = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    const ask = () => service.send('/mcp', { method: 'POST', headers, body });
    for (const { status, text } of await Promise.all(Array.from({ length: 10 }, ask))) {
      assert.equal(status, 200);
      assert.match(text, /The answer has more than 1 MiB, which is too much here/);
    }
  },
  'the metrics are asked for': async (service) => {
    assert.equal((await service.send('/metrics')).status, 200);
  },
};

const SERVED = ['a number, and a wildcard rule for one caller', 'nothing at all'];

const underLoad = SERVED.flatMap((name) =>
  Object.entries(UNDER_LOAD).map(
    ([what, work]): Attack => ({
      what: `10,000 trunks, each with ${name}: ${what}`,
      faults: [2],
      async run(ground) {
        const service = await serviceOf(ground, name);
        await withoutBlocking(service, () => work(service));
      },
    }),
  ),
);

const sipUri = 'sip:1@sip.example.com';
/** Questions that are too long, and what the answer must name. */
const QUESTIONS: Readonly<Record<string, readonly [body: object, named: RegExp]>> = {
  '19,000 targets': [{ dial: { verb: 'dial', target: Array(19_000).fill({ type: 'sip', sipUri }) } }, /2000 keys/],
  '500 targets': [{ dial: { verb: 'dial', target: Array(500).fill({ type: 'sip', sipUri }) } }, /50 entries/],
  'a number of 900,000 digits': [{ to: '1'.repeat(900_000) }, /to must/],
  'a number of 1,001 digits': [{ to: '1'.repeat(1_001) }, /to must/],
  'a URI with 220,000 parameters': [{ to: `${sipUri}${';a=b'.repeat(220_000)}` }, /to must/],
  'a URI with 300,000 escapes': [{ to: `sip:${'%25'.repeat(300_000)}@sip.example.com` }, /to must/],
  'a caller of 900,000 digits': [{ to: '1', caller: '1'.repeat(900_000) }, /caller must/],
  'a username of 900,000 letters': [{ to: '1', auth_username: 'u'.repeat(900_000) }, /auth_username must/],
  'a source of 900,000 digits': [{ to: '1', source: '1'.repeat(900_000) }, /source must/],
  'a target of 900,000 digits': [{ dial: { verb: 'dial', target: [{ sipUri: '1'.repeat(900_000) }] } }, /to must/],
  'a callerId of 900,000 digits': [
    { dial: { verb: 'dial', callerId: '1'.repeat(900_000), target: [{ sipUri }] } },
    /caller must/,
  ],
};

const questions = Object.entries(QUESTIONS).map(
  ([what, [body, named]]): Attack => ({
    what: `a check of ${what}`,
    faults: [8],
    async run(ground) {
      const service = await serviceOf(ground, 'nothing at all');
      await withoutBlocking(service, async () => {
        const { status, text } = await service.post('/api/v1/check', body);
        assert.equal(status, 400, text.slice(0, 500));
        assert.match(JSON.parse(text).detail, named);
        assert.ok(text.length < 2_000, `${text.length} characters`);
      });
    },
  }),
);

export const matching: readonly Attack[] = [...judged, ...underLoad, ...questions];
