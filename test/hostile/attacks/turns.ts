import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../durable/serviceProcess.ts';
import { clockLimitHere, limitHere } from '../../machineSpeed.ts';
import type { Attack } from '../attack.ts';
import type { Target } from '../attackedService.ts';

/** How many requests are under way at once. */
const AT_ONCE = 20;
/** The most bytes that the description of one call may have. */
const DESCRIBED_BYTES = 2_000_000;

type Body = Readonly<Record<string, unknown>>;

async function flood(service: Target, path: string, count: number, bodyOf: (i: number) => Body): Promise<number[]> {
  const codes: number[] = [];
  let next = 0;
  const send = async () => {
    while (next < count) {
      next += 1;
      codes.push((await service.post(path, bodyOf(next - 1))).status);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  return codes;
}

/** A call that is like any other is explained, so the engine still does its work. */
async function explainsACall(service: Target, sid: string): Promise<void> {
  const callSid = sid.replaceAll(' ', '-');
  // A leg without a parent settles a second after its end.
  const failed = { ...LEG, call_sid: callSid, call_status: 'failed', sip_status: 486 };
  assert.equal((await service.post('/jambonz/call-status', failed)).status, 204);
  await until('a call is explained', async () => {
    const { status, text } = await service.send(`/api/v1/calls/${callSid}`);
    return status === 200 && JSON.parse(text).settled;
  });
}

async function described(service: Target, callSid: string) {
  const { status, text } = await service.send(`/api/v1/calls/${encodeURIComponent(callSid)}`);
  assert.equal(status, 200);
  assert.ok(text.length < DESCRIBED_BYTES, `${text.length} bytes`);
  return JSON.parse(text) as {
    readonly timeline: readonly object[];
    readonly attempts: readonly object[];
    readonly pending: readonly object[];
    readonly left_out: { readonly webhooks: number; readonly attempts: number };
  };
}

const LEG = {
  call_status: 'ringing',
  sip_status: 180,
  direction: 'outbound',
  from: '+15550123',
  to: 'sip:+15550100@lab.sip.livekit.cloud',
};

/** One call with more of something than any real call has. */
const ONE_CALL: Readonly<Record<string, { readonly count: number; body(i: number): Body }>> = {
  'legs that ring': { count: 1_100, body: (i) => ({ ...LEG, call_sid: `b${i}`, parent_call_sid: 'legs that ring' }) },
  'legs that fail': {
    count: 1_100,
    body: (i) => ({
      ...LEG,
      call_sid: `f${i}`,
      parent_call_sid: 'legs that fail',
      call_status: 'failed',
      sip_status: 503,
    }),
  },
  'legs that answer': {
    count: 1_100,
    body: (i) => ({
      ...LEG,
      call_sid: `g${i}`,
      parent_call_sid: 'legs that answer',
      call_status: 'in-progress',
      sip_status: 200,
    }),
  },
  'ringings of one leg': { count: 1_100, body: (n) => ({ ...LEG, call_sid: 'ringings of one leg', n }) },
  'ends of one leg': {
    count: 1_100,
    body: (n) => ({ ...LEG, call_sid: 'ends of one leg', call_status: 'failed', sip_status: 400 + (n % 200), n }),
  },
};

const ofOneCall = Object.entries(ONE_CALL).map(
  ([what, { count, body }]): Attack => ({
    what: `one call has ${count} ${what}`,
    ...(what === 'legs that fail' && { faults: [10] }),
    async run(ground) {
      const service = await ground.service();
      const codes = await flood(service, '/jambonz/call-status', count, body);
      assert.deepEqual([...new Set(codes)], [204]);
      const call = await described(service, what);
      assert.deepEqual([call.timeline.length, call.left_out.webhooks], [1_000, count - 1_000]);
      assert.ok(call.attempts.length <= 100 && call.pending.length <= 100);
      const markdown = await service.send(`/api/v1/calls/${encodeURIComponent(what)}?format=markdown`);
      assert.match(markdown.text, /100 webhooks and \d+ attempts are left out/);
      await explainsACall(service, `after ${what}`);
    },
  }),
);

/** Floods of calls and rooms. Each must be taken, and leave the service able to explain another call. */
const FLOODS: Readonly<Record<string, { readonly path?: string; readonly count?: number; body(i: number): Body }>> = {
  'dial hooks of one call that name other legs': {
    path: '/jambonz/dial-action',
    body: (i) => ({
      ...LEG,
      call_sid: 'dials',
      dial_call_sid: `d${i}`,
      dial_call_status: 'failed',
      dial_sip_status: 503,
    }),
  },
  'dial hooks before any status': {
    path: '/jambonz/dial-action',
    body: (i) => ({ ...LEG, call_sid: `early-${i}`, dial_call_status: 'failed', dial_sip_status: 486 }),
  },
  'calls that never end': { body: (i) => ({ ...LEG, call_sid: `never-${i}`, parent_call_sid: `never-${i}-a` }) },
  'calls that fail alike at one number': {
    body: (i) => ({
      ...LEG,
      call_sid: `alike-${i}`,
      parent_call_sid: `alike-${i}-a`,
      call_status: 'failed',
      sip_status: 503,
    }),
  },
  'calls with a status and a phrase each': {
    body: (i) => ({
      ...LEG,
      call_sid: `phrase-${i}`,
      parent_call_sid: `phrase-${i}-a`,
      call_status: 'failed',
      sip_status: 300 + i,
      sip_reason: `reason ${i}`,
    }),
  },
  'calls to a host each': {
    body: (i) => ({
      ...LEG,
      call_sid: `host-${i}`,
      parent_call_sid: `host-${i}-a`,
      to: `sip:+1555@host-${i}.example`,
      call_status: 'failed',
      sip_status: 404,
    }),
  },
  'calls that are their own parents': {
    body: (i) => ({
      ...LEG,
      call_sid: `own-${i}`,
      parent_call_sid: `own-${i}`,
      call_status: 'failed',
      sip_status: 503,
    }),
  },
  'calls that are the parents of each other': {
    body: (i) => ({ ...LEG, call_sid: `ring-${i}`, parent_call_sid: `ring-${(i + 1) % 200}`, call_status: 'failed' }),
  },
  'calls that end before they begin': {
    body: (i) => ({
      ...LEG,
      call_sid: `late-${i >> 1}`,
      parent_call_sid: `late-${i >> 1}-a`,
      ...(i % 2 === 0 ? { call_status: 'failed', sip_status: 503 } : { call_status: 'trying', sip_status: 100 }),
    }),
  },
  'calls with fields of 8 KB': {
    count: 100,
    body: (i) => ({
      ...LEG,
      call_sid: `long-${i}`,
      parent_call_sid: `long-${i}-a`,
      from: '1 '.repeat(4_096),
      sip_reason: '1-'.repeat(4_096),
      call_status: 'failed',
      sip_status: 503,
    }),
  },
  'participants of one room': {
    path: '/livekit/webhook',
    count: 1_200,
    body: (i) => participant('RM_1', i),
  },
  'rooms with a participant each': {
    path: '/livekit/webhook',
    count: 400,
    body: (i) => participant(`RM_many_${i}`, i),
  },
  'participants with the number of one leg': {
    path: '/livekit/webhook',
    body: (i) => participant('RM_same', i, '+15550123'),
  },
  'agent jobs of one room': {
    path: '/livekit/webhook',
    body: (i) => ({ event: 'agent_job_started', id: `EV_job_${i}`, room: { sid: 'RM_jobs' }, job: { id: `AJ_${i}` } }),
  },
};

function participant(room: string, i: number, number = `+1555${i}`): Body {
  return {
    event: 'participant_joined',
    id: `EV_${room}_${i}`,
    room: { sid: room, name: room },
    participant: {
      sid: `PA_${room}_${i}`,
      identity: `sip_${i}`,
      kind: 'SIP',
      attributes: { 'sip.callID': `SCL_${room}_${i}`, 'sip.phoneNumber': number, 'sip.trunkPhoneNumber': '+15550100' },
    },
  };
}

const floods = Object.entries(FLOODS).map(
  ([what, { path = '/jambonz/call-status', count = 200, body }]): Attack => ({
    what: `a flood of ${count} ${what}`,
    async run(ground) {
      const service = await ground.service();
      const codes = await flood(service, path, count, body);
      assert.ok(
        codes.every((code) => code < 300),
        `${new Set(codes)}`,
      );
      await explainsACall(service, `after ${what}`);
    },
  }),
);

const OPEN_TRUNKS = 1_000;

/** A configuration with which a call is costly to judge: every trunk and every rule fits. */
function costly(directory: string): Record<string, string> {
  const file = join(directory, 'livekit.json');
  const configuration = {
    inbound_trunks: Array.from({ length: OPEN_TRUNKS }, (_, i) => ({ sip_trunk_id: `ST_${i}` })),
    dispatch_rules: Array.from({ length: OPEN_TRUNKS }, (_, i) => ({
      sip_dispatch_rule_id: `SDR_${i}`,
      rule: { dispatch_rule_individual: { room_prefix: 'c' } },
    })),
  };
  writeFileSync(file, JSON.stringify(configuration));
  return { LIVEKIT_CONFIG_FILE: file, JAMBONZ_SBC_ADDRESSES: '192.0.2.10', LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud' };
}

const failedCall = (i: number) => ({
  ...LEG,
  call_sid: `costly-${i}`,
  parent_call_sid: `costly-${i}-a`,
  to: `sip:+4930${i}@lab.sip.livekit.cloud`,
  call_status: 'failed',
  sip_status: 503,
});

/** Longer than the engine may take for what it does between two slices, on a machine that does much else. */
const SOON_MS = 10_000;

const underCost: readonly Attack[] = [
  {
    what: 'many calls are due that are costly to judge, and other questions are asked meanwhile',
    faults: [3],
    async run(ground) {
      const service = await ground.ownService(costly(ground.directory()));
      await flood(service, '/jambonz/call-status', 150, failedCall);
      await service.prober.take();
      for (let i = 0; i < 5; i += 1) {
        const began = performance.now();
        assert.equal((await service.send(`/api/v1/calls/costly-${i}`)).status, 200);
        const ms = performance.now() - began;
        assert.ok(ms < (await clockLimitHere(SOON_MS, ms)), `${ms} ms`);
      }
      const { busyMs } = await service.prober.take();
      assert.ok(busyMs <= (await limitHere(500, busyMs)), `${busyMs} ms`);
    },
  },
  {
    what: 'the service is stopped while many calls are due that are costly to judge',
    async run(ground) {
      const directory = ground.directory();
      const service = await ground.ownService(costly(directory));
      await flood(service, '/jambonz/call-status', 300, failedCall);
      const began = performance.now();
      assert.equal(await service.end('SIGTERM'), 0, service.log().slice(-1_000));
      const ms = performance.now() - began;
      assert.ok(ms < (await clockLimitHere(15_000, ms)), `${ms} ms`);
    },
  },
];

/** Webhooks that arrive in the same moment, each on a connection of its own. */
const AT_ONCE_EACH: Readonly<Record<string, { readonly count: number; body(i: number): Body }>> = {
  'failed calls': {
    count: 400,
    body: (i) => ({ ...failedCall(i), call_sid: `at-once-${i}`, parent_call_sid: `at-once-${i}-a` }),
  },
  'statuses of 250 KB': {
    count: 60,
    body: (i) => ({ ...LEG, call_sid: `large-${i}`, list: Array(35_000).fill('abcd') }),
  },
};

const atOnce = Object.entries(AT_ONCE_EACH).map(
  ([what, { count, body }]): Attack => ({
    what: `${count} ${what} in the same moment`,
    async run(ground) {
      const service = await ground.service();
      const bodies = Array.from({ length: count }, (_, i) => body(i));
      const answers = await Promise.all(bodies.map((one) => service.post('/jambonz/call-status', one)));
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [204]);
    },
  }),
);

export const turns: readonly Attack[] = [...ofOneCall, ...floods, ...underCost, ...atOnce];
