import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { freshProgram } from '../../bin/freshProgram.js';
import { hashNumber } from '../../src/core/trunks/hashedNumber.ts';
import { B_LEG, CALLED, CALLER, SBC, trunk, webhooksOf } from '../core/scenario.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';
import { type RecordedCase, startService } from './service.ts';

const MAIN = freshProgram();
const KEY = 'a key of 22 characters';
const HASH = hashNumber(KEY, CALLER);
const DIGITS = CALLER.slice(1);
const BEGAN = 1_795_387_200_000;

type Dial = Parameters<typeof webhooksOf>[0];

const rule = (fields: object = {}) => ({
  sip_dispatch_rule_id: 'SDR_1',
  trunk_ids: ['ST_1'],
  rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
  ...fields,
});

/** A service with files of its own, and a configuration of LiveKit's outside of them. */
async function withService(
  { key, livekit }: { key?: string; livekit: { trunk?: object; rule?: object } },
  work: (service: Awaited<ReturnType<typeof startService>>, directory: string) => Promise<void>,
  afterwards?: (directory: string) => Promise<void>,
) {
  const root = await mkdtemp(join(tmpdir(), 'sipwhy-hashed-'));
  const directory = join(root, 'data');
  await mkdir(directory);
  const file = join(root, 'livekit.json');
  const configuration = { inbound_trunks: [trunk(livekit.trunk)], dispatch_rules: [rule(livekit.rule)] };
  await writeFile(file, JSON.stringify(configuration));
  const service = await startService(
    {
      DATABASE_URL: join(directory, 'store.db'),
      LIVEKIT_CONFIG_FILE: file,
      LIVEKIT_SIP_HOST: 'lab.sip.livekit.cloud',
      JAMBONZ_SBC_ADDRESSES: SBC,
      ...(key && { PRIVACY_HASH_KEY: key }),
    },
    BEGAN,
  );
  try {
    await work(service, directory).finally(() => service.app.close());
    await afterwards?.(directory);
  } finally {
    await rm(root, { recursive: true });
  }
}

/** A call whose webhooks are those of `dial`, with others between them. */
async function call(service: Awaited<ReturnType<typeof startService>>, dial: Dial, others: object[] = []) {
  // The casts: these webhooks have the form of recorded ones.
  const own = webhooksOf(dial) as unknown as RecordedCase['webhooks'];
  const more = others.map((body) => ({
    path: '/livekit/webhook',
    headers: {},
    body: JSON.stringify(body),
    at_ms: 300,
  }));
  const all = [...own, ...(more as unknown as RecordedCase['webhooks'])].toSorted((a, b) => a.at_ms - b.at_ms);
  for (const code of await service.post(all, BEGAN)) assert.ok(code < 300, String(code));
  await service.pass(15_000);
}

const read = async (service: Awaited<ReturnType<typeof startService>>, path: string) =>
  (await service.app.http.inject(`/api/v1${path}`)).json();

const REFUSED: Dial = { ringing: [90], dialGaveUpAt: 20_000 };

for (const [what, livekit, cause] of [
  ['is in no list of the trunk', { trunk: { allowed_numbers: ['+15550142'] } }, 'caller_not_allowed'],
  ['is on the trunk’s list in another form', { trunk: { allowed_numbers: ['1 (555) 0123'] } }, 'unclassified'],
  ['is in the rule as written', { rule: { inbound_numbers: [CALLER] } }, 'unclassified'],
  ['is in the rule in another form', { rule: { inbound_numbers: [DIGITS] } }, 'dispatch_rule_number_mismatch'],
  [
    'is in the rule as written, but the called number is not',
    { rule: { inbound_numbers: [CALLER], numbers: ['+15550142'] } },
    'dispatch_rule_number_mismatch',
  ],
  ['is in no list of the rule', { rule: { inbound_numbers: ['+15550142'] } }, 'dispatch_rule_number_mismatch'],
  [
    'is on the trunk’s list, and in another form in the rule',
    { trunk: { allowed_numbers: [CALLER] }, rule: { inbound_numbers: [DIGITS] } },
    'dispatch_rule_number_mismatch',
  ],
  ['is in the place of the called number', { rule: { inbound_numbers: [CALLED] } }, 'dispatch_rule_number_mismatch'],
] as const) {
  it(`a call has the explanation that it has without the key if the caller ${what}`, async () => {
    const said: string[] = [];
    for (const key of [undefined, KEY]) {
      await withService({ ...(key && { key }), livekit }, async (service) => {
        await call(service, REFUSED);
        const { attempts } = await read(service, `/calls/${B_LEG}`);
        assert.equal(attempts[0].cause, cause);
        assert.equal(attempts[0].from, key ? HASH : CALLER);
        // What there is to paste has no hash, and so differs. Each service opens an incident of its own.
        const text = JSON.stringify(attempts, (name, value) =>
          name === 'pastes' ? value.length : name === 'incident' ? value.cause : value,
        );
        said.push(text.replaceAll(CALLER, HASH));
      });
    }
    assert.deepEqual(JSON.parse(said[1] ?? ''), JSON.parse(said[0] ?? ''));
  });
}

it('what there is to paste asks for the caller’s number', () =>
  withService({ key: KEY, livekit: { trunk: { allowed_numbers: ['+15550142'] } } }, async (service) => {
    await call(service, REFUSED);
    const [fix] = (await read(service, `/calls/${B_LEG}`)).attempts[0].fixes;
    assert.equal(fix.action, `Add ${HASH} to allowed_numbers of ST_1 "first".`);
    assert.equal(fix.proof, 'connects');
    assert.match(fix.pastes[0].text, /"add": \["<the caller’s number>"\]/);
    assert.ok(fix.pastes.every(({ text }: { text: string }) => !text.includes('h_')));
  }));

const JOINED = {
  event: 'participant_joined',
  id: 'EV_1',
  room: { sid: 'RM_1', name: `call_${CALLER}_x` },
  participant: {
    sid: 'PA_1',
    identity: `sip_${CALLER}`,
    kind: 'SIP',
    attributes: { 'sip.phoneNumber': DIGITS, 'sip.trunkPhoneNumber': CALLED },
  },
};

async function leaking(directory: string): Promise<string[]> {
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  assert.ok(files.length > 1);
  const texts = await Promise.all(
    files.map(async ({ parentPath, name }) => [name, await readFile(join(parentPath, name), 'latin1')] as const),
  );
  return texts.filter(([, text]) => text.includes(DIGITS)).map(([name]) => name);
}

it('the number is in no file and no answer, and joining, search and forgetting find it', () =>
  withService(
    { key: KEY, livekit: {} },
    async (service, directory) => {
      await call(service, { response: [503, 'Try again later', 1_000] }, [JOINED]);
      assert.deepEqual(await service.samples('sipwhy_livekit_participants_total'), { '{result="joined"}': 1 });
      assert.deepEqual(await leaking(directory), []);
      for (const path of [
        '/calls',
        `/calls/${B_LEG}`,
        '/incidents',
        '/calls?format=csv&numbers=plain',
        '/livekit/rooms',
      ]) {
        const { body } = await service.app.http.inject(`/api/v1${path}`);
        assert.ok(!body.includes(DIGITS), path);
      }
      const found = async (query: string) => (await read(service, `/calls?${query}`)).calls.length;
      assert.equal(await found(`number=${DIGITS}`), 1);
      assert.equal(await found(`from=${encodeURIComponent(CALLER)}`), 1);
      assert.equal(await found(`number=00${DIGITS}`), 1);
      assert.equal(await found('number=15550124'), 0);
      // Digits of the hash itself find nothing.
      const [digits = ''] = HASH.match(/\d+/g)?.filter((run) => !DIGITS.includes(run)) ?? [];
      assert.notEqual(digits, '');
      assert.equal(await found(`from=${digits}`), 0);
      assert.equal(await found('to=15550100'), 1);
      const room = (await read(service, `/calls/${B_LEG}`)).timeline.find(
        ({ source }: { source: string }) => source === 'livekit',
      );
      assert.equal(room.room, `call_${HASH}_x`);
    },
    async (directory) => {
      assert.deepEqual(await leaking(directory), []);
      const forget = (number: string, key = KEY) =>
        spawnSync(process.execPath, [MAIN, 'forget', number], {
          env: { ...PLAIN_ENVIRONMENT, DATABASE_URL: join(directory, 'store.db'), PRIVACY_HASH_KEY: key },
          encoding: 'utf8',
        });
      assert.equal(forget(CALLER, `${KEY}.`).status, 1);
      assert.match(
        forget(CALLER).stdout,
        /was erased from events: \d+, livekit_events: 1, attempts: 1, attempt_keys: 1/,
      );
      assert.equal(forget(CALLER).status, 1);
    },
  ));
