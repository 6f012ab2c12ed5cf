import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Endpoint } from '../../../src/forward/incidentEndpoint.ts';
import { READING_LIMITS } from '../../../src/livekit/apiReading.ts';
import { apiSource } from '../../../src/livekit/source.ts';
import { until } from '../../durable/serviceProcess.ts';
import { authority, certificate } from '../../probe/certificates.ts';
import type { Attack, Ground } from '../attack.ts';
import { command } from '../hostileCommand.ts';
import {
  type Answer,
  gzipBomb,
  HOSTILE_ANSWERS,
  type HostileServer,
  redirect,
  reply,
  startHostileServer,
} from '../hostileServer.ts';

const MIB = 1024 * 1024;
/** What fits into the buffers of both ends, beside the answer that is read. */
const BUFFERED = 16 * MIB;
const REDIRECTS = [301, 302, 303, 307, 308];
const KEY = 'APIcanarykey';
const SECRET = 'canary-secret-of-livekit';
const LEAKS = /canary-secret|eyJ|Bearer/;

const trunks = (from: number, count: number, name = '') =>
  Array.from({ length: count }, (_, i) => ({
    sip_trunk_id: `ST_${String(from + i).padStart(9, '0')}`,
    sip_dispatch_rule_id: `SDR_${String(from + i).padStart(9, '0')}`,
    name,
  }));

/** Answers each request with more items than there were before. */
function endlessPages(size: number, nameLength: number): Answer {
  let from = 0;
  return (socket, asked) => {
    reply(JSON.stringify({ items: trunks(from, size, 'x'.repeat(nameLength)) }))(socket, asked);
    from += size;
  };
}

/** Both lists are read at once, and together this one twice would miss the limit of bytes. */
const onlyTrunks =
  (body: string): Answer =>
  (socket, asked) =>
    reply(asked.path.endsWith('/ListSIPInboundTrunk') ? body : '{}')(socket, asked);

const repeatsToken: Answer = (socket, asked) =>
  reply(JSON.stringify({ code: 'unauthenticated', msg: `invalid token: ${asked.head} ${SECRET}` }), '401 Unauthorized')(
    socket,
    asked,
  );

/** What LiveKit's API answers, and what is then said. */
const LIVEKIT: readonly (readonly [what: string, answer: Answer, says: RegExp])[] = [
  ...Object.entries(HOSTILE_ANSWERS).map(
    ([what, answer]) =>
      [what, answer, /^LiveKit(’s (answer|lists)|answered| cannot be asked| answered| took longer)/] as const,
  ),
  ['pages without end', endlessPages(1, 500), /have more than 30 pages/],
  ['pages that are too large together', endlessPages(300, 5_000), /larger than 2 MiB/],
  ['one page of 5,000 items', reply(JSON.stringify({ items: trunks(0, 5_000) })), /more than 1000 items/],
  ['600,000 items without an id', onlyTrunks(`{"items":[${'{},'.repeat(600_000)}{}]}`), /more than 1000 items/],
  ['a gzip bomb', gzipBomb, /is not JSON/],
  ['items that are no list', reply(`{"items":"${SECRET}"}`), /has an unexpected form/],
  [
    'a trunk whose numbers are objects',
    reply(`{"items":[{"sip_trunk_id":"a","numbers":[{"${SECRET}":1}]}]}`),
    /unexpected form/,
  ],
  ['a refusal that repeats the token', repeatsToken, /^LiveKit answered 401 to \w+: check LIVEKIT_API_KEY/],
  [
    'broken JSON that repeats a secret',
    reply(`{"items": ${SECRET}`),
    /^LiveKit’s answer to \w+ is not JSON: Unexpected token 'c'$/,
  ],
];

const livekit: readonly Attack[] = LIVEKIT.map(([what, answer, says]) => ({
  what: `LiveKit’s API: ${what}`,
  ...(/without end|5,000/.test(what) && { faults: [16] }),
  async run() {
    const server = await startHostileServer(answer);
    // Those that wait must not take long, and the others must have the time that a busy machine needs.
    const answerMs = /drip|no answer|hints/.test(what) ? 700 : 8_000;
    const limits = { ...READING_LIMITS, answerMs, readingMs: 10 * answerMs, bytes: 2 * MIB, pages: 30, items: 1_000 };
    const began = performance.now();
    const error = await failureOf(apiSource(`http://127.0.0.1:${server.port}`, KEY, SECRET, limits)());
    const ms = performance.now() - began;
    assert.match(error.message, says);
    assert.ok(error.message.length < 400 && !/\p{Cc}/u.test(error.message), error.message);
    assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }).replace(error.stack ?? '', ''), LEAKS);
    assert.ok(server.sentBytes() < 4 * MIB + 2 * BUFFERED, `${server.sentBytes()} bytes`);
    assert.ok(ms < limits.readingMs + 20_000, `${ms} ms`);
    server.drop();
  },
}));

async function failureOf(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error, 'it was read');
  return error;
}

/** Rejects if a request came to where nobody should be sent. */
async function withCanary(run: (url: string) => Promise<void>): Promise<void> {
  const canary = await startHostileServer(reply('[{"verb":"hangup"}]'));
  await run(`http://127.0.0.1:${canary.port}/`);
  assert.deepEqual(canary.asked, []);
}

const redirects: readonly Attack[] = REDIRECTS.map((status) => ({
  what: `LiveKit’s API: a redirect by ${status} to another host`,
  faults: [16],
  run: () =>
    withCanary(async (elsewhere) => {
      const server = await startHostileServer(redirect(status, elsewhere));
      const error = await failureOf(apiSource(`http://127.0.0.1:${server.port}`, KEY, SECRET)());
      assert.match(error.message, new RegExp(`answered ${status} to .*: a redirect is not followed`));
      server.drop();
    }),
}));

/** LiveKit's API as it should be, until it is told to answer otherwise. */
async function startTurning() {
  const state: { answer: Answer } = { answer: reply('{}') };
  const server = await startHostileServer((socket, asked) => {
    if (state.answer !== honest) return state.answer(socket, asked);
    return honest(socket, asked);
  });
  state.answer = honest;
  return { server, state };
}

const honest: Answer = (socket, asked) => {
  const items = /InboundTrunk$/.test(asked.path)
    ? [{ sip_trunk_id: 'ST_kept' }]
    : [{ sip_dispatch_rule_id: 'SDR_kept' }];
  reply(JSON.stringify({ items }))(socket, asked);
};

const turning: readonly Attack[] = (
  [
    ['a body without end', HOSTILE_ANSWERS['a body without end']],
    ['a refusal that repeats the token', repeatsToken],
    ['an empty configuration of another form', reply('{"items":{}}')],
  ] as const
).map(([what, answer = reply('')]) => ({
  what: `the service keeps the old configuration: ${what}`,
  async run(ground: Ground) {
    const { server, state } = await startTurning();
    const service = await ground.ownService({
      LIVEKIT_URL: `http://127.0.0.1:${server.port}`,
      LIVEKIT_API_KEY: KEY,
      LIVEKIT_API_SECRET: SECRET,
      LIVEKIT_REFRESH_SECONDS: '5',
    });
    state.answer = answer;
    await until('two readings failed', async () => {
      return (await service.sample('sipwhy_livekit_refreshes_total{result="failed"}')) >= 2;
    });
    assert.match((await service.send('/api/v1/trunks')).text, /ST_kept/);
    assert.ok((await service.sample('sipwhy_livekit_snapshot_age_seconds')) >= 5);
    assert.equal(service.log().split('cannot read LiveKit').length, 2, 'it is logged once');
    assert.doesNotMatch(service.log(), LEAKS);
    server.drop();
  },
}));

let application: Promise<HostileServer> | undefined;
/** What the operator's application answers now. */
let current: Answer = reply('[]');

/** The operator's application, the same for all attacks, and the service that forwards to it. */
async function startForwarding(ground: Ground) {
  application ??= startHostileServer((socket, asked) => current(socket, asked));
  const server = await application;
  const service = await ground.service({
    DIAL_ACTION_FORWARD_URL: `http://127.0.0.1:${server.port}/dial`,
    DIAL_ACTION_FORWARD_TIMEOUT_MS: '700',
    DIAL_ACTION_FALLBACK: '[{"verb":"play","url":"fallback"}]',
    CALL_STATUS_FORWARD_URL: `http://127.0.0.1:${server.port}/status`,
  });
  return { server, service };
}

let calls = 0;
const nextCall = () => {
  calls += 1;
  return `outgoing-${calls}`;
};

const HONEST_VERBS = '[{"verb":"say","text":"honest"}]';
const dial: readonly Attack[] = [
  // Nothing tells a nested list from verbs, and it is not parsed again.
  ...Object.entries(HOSTILE_ANSWERS).filter(([what]) => !what.startsWith('brackets')),
  ['a gzip bomb', gzipBomb] as const,
  ['a list of 2 MB', reply(`["${'a'.repeat(2_000_000)}"]`)] as const,
  ['an unknown encoding', reply('[]', '200 OK', 'content-encoding: canary\r\n')] as const,
].map(([what, answer]) => ({
  what: `the application’s dial hook: ${what}`,
  async run(ground) {
    const { server, service } = await startForwarding(ground);
    const ask = async (given: Answer) => {
      current = given;
      return service.post('/jambonz/dial-action', { call_sid: nextCall(), dial_call_status: 'completed' });
    };
    assert.match((await ask(reply(HONEST_VERBS))).text, /honest/);
    const before = server.sentBytes();
    const { status, text } = await ask(answer);
    assert.deepEqual([status, text], [200, '[{"verb":"play","url":"fallback"}]']);
    assert.ok(server.sentBytes() - before < MIB + BUFFERED);
    server.drop();
    assert.match((await ask(reply(HONEST_VERBS))).text, /honest/);
  },
}));

const dialRedirects: readonly Attack[] = REDIRECTS.map((status) => ({
  what: `the application’s dial hook: a redirect by ${status} to another host`,
  run: (ground) =>
    withCanary(async (elsewhere) => {
      const { service } = await startForwarding(ground);
      current = redirect(status, elsewhere);
      const { text } = await service.post('/jambonz/dial-action', { call_sid: nextCall(), dial_call_status: 'failed' });
      assert.match(text, /fallback/);
    }),
}));

/** Those that end at once: the status hook may take 10 s. */
const AT_ONCE = [
  'a body without end',
  'chunks without end',
  'headers without end',
  'one header of 10 MB',
  'a reset',
  'another protocol',
  'a switch of protocols',
  'status 500',
] as const;

const statuses: readonly Attack[] = [
  ...AT_ONCE.map((what) => [what, HOSTILE_ANSWERS[what] ?? reply('')] as const),
  ['a gzip bomb', gzipBomb] as const,
].map(([what, answer]) => ({
  what: `the application’s status hook: ${what}`,
  async run(ground) {
    const { server, service } = await startForwarding(ground);
    const post = async (given: Answer) => {
      current = given;
      const call_sid = nextCall();
      await service.post('/jambonz/call-status', { call_sid, direction: 'inbound', call_status: 'trying' });
      await until(`${call_sid} is forwarded`, () => server.asked.some(({ body }) => body.includes(`"${call_sid}"`)));
    };
    const before = server.sentBytes();
    await post(answer);
    await post(reply(''));
    // A status that failed may have been tried again meanwhile.
    assert.ok(server.sentBytes() - before < 2 * (MIB + BUFFERED));
    server.drop();
  },
}));

const statusRedirects: readonly Attack[] = [302, 307].map((status) => ({
  what: `the application’s status hook: a redirect by ${status} to another host`,
  run: (ground) =>
    withCanary(async (elsewhere) => {
      const { server, service } = await startForwarding(ground);
      const call_sid = nextCall();
      let redirected = 0;
      current = (socket, asked) => {
        if (asked.body.includes(call_sid)) redirected += 1;
        (redirected === 1 ? redirect(status, elsewhere) : reply(''))(socket, asked);
      };
      await service.post('/jambonz/call-status', { call_sid, direction: 'inbound', call_status: 'trying' });
      await until('it is tried again', () => redirected > 1);
      server.drop();
    }),
}));

const notices: readonly Attack[] = [
  ...AT_ONCE.map((what) => [what, HOSTILE_ANSWERS[what] ?? reply('')] as const),
  ...REDIRECTS.map((status) => [`a redirect by ${status} to another host`, status] as const),
].map(([what, answer]) => ({
  what: `the incident webhook: ${what}`,
  run: () =>
    withCanary(async (elsewhere) => {
      const server = await startHostileServer(typeof answer === 'number' ? redirect(answer, elsewhere) : answer);
      const endpoint = new Endpoint(`http://127.0.0.1:${server.port}/${SECRET}`, []);
      const delivery = await endpoint.deliver('id', '{}', 0, new AbortController().signal);
      await endpoint.close();
      if (delivery.result !== 'delivered') {
        assert.ok(delivery.detail.length <= 250 && !/\p{Cc}/u.test(delivery.detail), delivery.detail);
        assert.doesNotMatch(delivery.detail, LEAKS);
      }
      assert.equal(delivery.result === 'delivered', /^(a body|chunks) without end/.test(what));
      assert.ok(server.sentBytes() < BUFFERED);
      server.drop();
    }),
}));

/** A trusted authority's file for the settings. */
function authorityFile(ground: Ground): string {
  const path = join(ground.directory(), 'ca.pem');
  writeFileSync(path, authority.cert);
  return path;
}

const tls: readonly Attack[] = [
  ...(
    [
      ['of an unknown authority', certificate(), false, /cannot be asked.*; set TLS_CA_FILE if/],
      ['that has expired', certificate({ from: -30, to: -1 }), true, /cannot be asked.*expired/],
      ['of another host', certificate({ hosts: ['livekit.example.com'] }), true, /cannot be asked.*altnames/],
      ['that it signed itself', certificate({ issuer: 'me', subject: 'me' }), true, /cannot be asked/],
    ] as const
  ).map(
    ([what, identity, isTrusted, says]): Attack => ({
      what: `LiveKit’s API: a certificate ${what}`,
      async run(ground) {
        const server = await startHostileServer(honest, { key: identity.key, cert: identity.cert });
        const { status, stderr } = await command(['audit'], {
          env: {
            LIVEKIT_URL: `wss://127.0.0.1:${server.port}`,
            LIVEKIT_API_KEY: KEY,
            LIVEKIT_API_SECRET: SECRET,
            ...(isTrusted && { TLS_CA_FILE: authorityFile(ground) }),
          },
        });
        assert.equal(status, 2);
        assert.match(stderr, says);
        assert.deepEqual(server.asked, [], 'the token was sent');
      },
    }),
  ),
  ...([false, true] as const).map(
    (isTrusted): Attack => ({
      what: `everything over TLS ${isTrusted ? 'with' : 'without'} the authority in TLS_CA_FILE`,
      async run(ground) {
        const { key, cert } = certificate();
        const server = await startHostileServer(
          (socket, asked) => (asked.path.startsWith('/twirp') ? honest : reply(HONEST_VERBS))(socket, asked),
          { key, cert },
        );
        const url = `https://127.0.0.1:${server.port}`;
        const service = await ground.ownService({
          LIVEKIT_URL: url,
          LIVEKIT_API_KEY: KEY,
          LIVEKIT_API_SECRET: SECRET,
          DIAL_ACTION_FORWARD_URL: `${url}/dial`,
          CALL_STATUS_FORWARD_URL: `${url}/status`,
          ...(isTrusted && { TLS_CA_FILE: authorityFile(ground) }),
        });
        const call = { call_sid: nextCall(), direction: 'inbound', call_status: 'trying' };
        await service.post('/jambonz/call-status', call);
        const { text } = await service.post('/jambonz/dial-action', { ...call, dial_call_status: 'failed' });
        assert.equal(text, isTrusted ? HONEST_VERBS : '[]');
        const result = isTrusted ? 'ok' : 'refused';
        await until('the status was tried', async () => {
          return (await service.sample(`sipwhy_forward_requests_total{target="call_status",result="${result}"}`)) > 0;
        });
        const paths = new Set(server.asked.map(({ path }) => path.split('/')[1]));
        assert.deepEqual([...paths].sort(), isTrusted ? ['dial', 'status', 'twirp'] : []);
        server.drop();
      },
    }),
  ),
];

export const outgoing: readonly Attack[] = [
  ...livekit,
  ...redirects,
  ...turning,
  ...dial,
  ...dialRedirects,
  ...statuses,
  ...statusRedirects,
  ...notices,
  ...tls,
];
