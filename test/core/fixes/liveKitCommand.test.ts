import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TokenVerifier } from 'livekit-server-sdk';
import type { Fix } from '../../../src/core/fixes/fix.ts';
import { setNumbers, setTrunks } from '../../../src/core/fixes/ruleFix.ts';
import { deleteTrunkFix, newTrunkFix, trunkListFix } from '../../../src/core/fixes/trunkFix.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { bodiesOf, ENVIRONMENT, lkOf, MADE, run, sentBy } from './runCommands.ts';

const TRUNK = parseTrunk({ sip_trunk_id: 'ST_1', name: 'main', numbers: ['+15550100'], auth_password: 'secret' });
const CURL = curlOf(trunkListFix(TRUNK, 'allowed_numbers', { add: ['+15550123'] }, ''));

function curlOf({ pastes }: Fix): string {
  return pastes.find(({ tool }) => tool === 'curl')?.text ?? assert.fail('no curl command');
}

const SHELLS = ['sh', 'bash'];

describe('a curl command', () => {
  for (const shell of SHELLS) {
    it(`sends one request to LiveKit’s API, from ${shell}`, () => {
      const requests = run(CURL, { shell }).map(sentBy);
      assert.deepEqual(
        requests.map(({ url, body, headers }) => [url, body, headers[0]]),
        [
          [
            'https://lab.livekit.cloud/twirp/livekit.SIP/UpdateSIPInboundTrunk',
            { sip_trunk_id: 'ST_1', update: { allowed_numbers: { add: ['+15550123'] } } },
            'Content-Type: application/json',
          ],
        ],
      );
    });

    it(`makes a token for the SIP API alone, that soon expires, in ${shell}`, async () => {
      const [, authorization = ''] = run(CURL, { shell, isReal: true }).map(sentBy)[0]?.headers ?? [];
      const token = /^Authorization: Bearer (\S+)$/.exec(authorization)?.[1] ?? assert.fail(authorization);
      // LiveKit's own verifier: it refuses another signature, another key and an expired token.
      const claims = await new TokenVerifier(ENVIRONMENT.LIVEKIT_API_KEY, ENVIRONMENT.LIVEKIT_API_SECRET).verify(token);
      assert.deepEqual([claims.sip, claims.video], [{ admin: true }, undefined]);
      const seconds = (claims.exp ?? 0) - Date.now() / 1000;
      assert.ok(seconds > 60 && seconds <= 300, `${seconds}`);
    });
  }

  for (const [given, wanted] of [
    ['ws://127.0.0.1:7880', 'http://127.0.0.1:7880'],
    ['wss://lab.livekit.cloud//', 'https://lab.livekit.cloud'],
    ['https://lab.livekit.cloud', 'https://lab.livekit.cloud'],
    ['http://ws.example:7880/', 'http://ws.example:7880'],
  ]) {
    it(`asks ${wanted} where LIVEKIT_URL is ${given}`, () => {
      const [sent] = run(CURL, { env: { ...ENVIRONMENT, LIVEKIT_URL: given ?? '' } }).map(sentBy);
      assert.equal(sent?.url, `${wanted}/twirp/livekit.SIP/UpdateSIPInboundTrunk`);
    });
  }

  it('names LiveKit nowhere where LIVEKIT_URL is not set', () => {
    const { LIVEKIT_URL: _, ...env } = ENVIRONMENT;
    for (const { url } of run(CURL, { env: env as typeof ENVIRONMENT }).map(sentBy)) assert.match(url, /^\/twirp/);
  });
});

// A name or a number in LiveKit is anybody's text.
const HOSTILE = [
  "it's",
  "'; touch broken; '",
  '$(touch broken)',
  '`touch broken`',
  '"\\"',
  'two\nlines\n!!',
  '!history',
  'tab\tand\u001b[2J\u007f\u0085',
  '\u202edrawkcab\u2028',
  '\u{1f4de}',
  '-d@/etc/passwd',
  '--yes',
  'a,b',
  ' padded ',
  '%s\\n',
  '*',
  '~',
  '#',
  'EOF',
];

describe('a hostile value', () => {
  for (const value of HOSTILE) {
    for (const shell of SHELLS) {
      it(`${JSON.stringify(value)} is nothing but a value, in ${shell}`, () => {
        const trunk = parseTrunk({ sip_trunk_id: value, numbers: [value, '+15550100'], allowed_numbers: [value] });
        const rule = parseRule({ sip_dispatch_rule_id: value, name: value, rule: { dispatch_rule_direct: {} } });
        const asked = (fix: Fix) => run(curlOf(fix), { shell }).map((words) => sentBy(words).body);
        assert.deepEqual(asked(trunkListFix(trunk, 'allowed_numbers', { remove: [value] }, '')), [
          { sip_trunk_id: value, update: { allowed_numbers: { remove: [value] } } },
        ]);
        const replace = { rule: { dispatch_rule_direct: {} }, name: value, numbers: [value] };
        assert.deepEqual(asked(setNumbers(rule, { numbers: [value] }, '')), [{ sip_dispatch_rule_id: value, replace }]);
        const [words = []] = run(lkOf(setNumbers(rule, { numbers: [value] }, '')) ?? '', { shell });
        assert.deepEqual(words.slice(0, 6), ['lk', 'sip', 'dispatch', 'update', '--id', value]);
        assert.deepEqual(JSON.parse(words[6] ?? ''), replace);
        const agents = newTrunkFix(value, [], [value]).pastes.map(({ text }) => run(text, { shell }).length);
        assert.deepEqual(agents, [2, 2]);
        assert.deepEqual(run(lkOf(deleteTrunkFix(trunk, '')) ?? '', { shell }), [
          ['lk', 'sip', 'inbound', 'delete', value],
        ]);
      });
    }

    it(`${JSON.stringify(value)} can’t command the terminal that it is pasted into`, () => {
      const rule = parseRule({ sip_dispatch_rule_id: 'SDR_1', name: value, rule: { dispatch_rule_direct: {} } });
      for (const fix of [setNumbers(rule, { numbers: [value] }, ''), setTrunks(rule, [value], '')])
        for (const { text } of fix.pastes) assert.doesNotMatch(text, /[^\P{C}\n]/u);
      const [, json = ''] = /-d '(.*?)' /s.exec(curlOf(setNumbers(rule, {}, ''))) ?? [];
      assert.doesNotMatch(json, /!/);
    });
  }
});

describe('lk', () => {
  for (const value of ['a,b', ' padded', 'padded ', '-1', '', 'a\u0007']) {
    it(`is not offered ${JSON.stringify(value)}, which it would change`, () => {
      const fix = trunkListFix(TRUNK, 'numbers', { add: [value] }, '');
      assert.deepEqual([lkOf(fix), bodiesOf(fix).length], [undefined, 1]);
    });
  }

  it('is not offered a list that becomes empty, nor a file that replaces a trunk with its password', () => {
    assert.equal(lkOf(trunkListFix(TRUNK, 'numbers', { remove: ['+15550100'] }, '')), undefined);
    assert.equal(lkOf(trunkListFix(TRUNK, 'allowed_numbers', { add: ['+15550123'] }, '')), undefined);
  });

  it('comes first, so that it is what is copied', () => {
    const rule = parseRule({ sip_dispatch_rule_id: 'SDR_1', rule: { dispatch_rule_direct: {} } });
    for (const fix of [
      trunkListFix(TRUNK, 'numbers', { add: ['1 2'] }, ''),
      newTrunkFix('1', [], []),
      setTrunks(rule, ['ST_1'], ''),
    ]) {
      assert.deepEqual(
        fix.pastes.map(({ label, tool, format }) => [label, tool, format]),
        [
          ['lk', 'lk', 'shell'],
          ['curl', 'curl', 'shell'],
        ],
      );
    }
  });
});

describe('a new trunk', () => {
  const { pastes } = newTrunkFix('+15550100', ['192.0.2.10'], ['desk']);
  for (const { label, text } of pastes) {
    for (const shell of SHELLS) {
      it(`has a rule of its own, with ${label} in ${shell}`, () => {
        const bodies = run(text, { shell }).map((words) =>
          words[0] === 'curl' ? sentBy(words).body : JSON.parse(words.at(-1) ?? ''),
        );
        assert.deepEqual(bodies, [
          { trunk: { name: 'Jambonz', numbers: ['+15550100'], allowed_addresses: ['192.0.2.10'] } },
          {
            dispatch_rule: {
              rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
              trunk_ids: [MADE],
              room_config: { agents: [{ agent_name: 'desk' }] },
            },
          },
        ]);
      });

      it(`that is not created has no rule either, which would be one for all trunks, with ${label} in ${shell}`, () => {
        assert.equal(run(text, { shell, failing: true }).length, 1);
      });
    }
  }
});

it('an entry that a list has twice is removed twice, as LiveKit removes one at a time', () => {
  const trunk = parseTrunk({ sip_trunk_id: 'ST_1', numbers: ['1', '2', '1'] });
  assert.deepEqual(bodiesOf(trunkListFix(trunk, 'numbers', { remove: ['1'] }, '')), [
    { sip_trunk_id: 'ST_1', update: { numbers: { remove: ['1', '1'] } } },
  ]);
});
