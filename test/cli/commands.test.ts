import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { freshProgram } from '../../bin/freshProgram.js';
import { recorded, startOf, startService } from '../app/service.ts';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';

const MAIN = freshProgram();
const CASES = fileURLToPath(new URL('../recorded/livekit-sip-cases.jsonl.gz', import.meta.url));
const VECTORS = fileURLToPath(new URL('../recorded/livekit-match.jsonl.gz', import.meta.url));

function sipwhy(args: readonly string[], options: { input?: string; env?: Record<string, string> } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    input: options.input ?? '',
    env: { ...PLAIN_ENVIRONMENT, ...options.env },
    maxBuffer: 100_000_000,
  });
  return { status, stdout, stderr };
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('sipwhy replay', () => {
  it('prints one JSON object a line with the keys of the contract', () => {
    const { status, stdout } = sipwhy(['replay', CASES, '--json']);
    assert.equal(status, 0);
    const answers = lines(stdout);
    assert.equal(answers.length, 210);
    const { id, calls } = answers[0];
    assert.equal(id, 'none-101-0');
    for (const key of [
      'call_sid',
      'outcome',
      'cause',
      'party',
      'confidence',
      'blocking',
      'latent',
      'alternatives',
      'findings',
      'summary',
      'evidence',
      'fixes',
    ]) {
      assert.ok(key in calls[0], key);
    }
  });

  it('reads plain lines from standard input, and prints text', () => {
    const input = gunzipSync(readFileSync(CASES)).toString().split('\n').slice(4, 5).join('\n');
    const { status, stdout } = sipwhy(['replay', '-'], { input });
    assert.equal(status, 0);
    assert.match(stdout, /Cause: auth_missing \(certain\)/);
    assert.match(stdout, /"username": "user90"/);
  });

  it('ends with status 2 and names the line that is wrong', () => {
    const cut = sipwhy(['replay', '-'], { input: '{"id": "a", "webhooks": []}\n{"id": ' });
    assert.equal(cut.status, 2);
    assert.match(cut.stderr, /^sipwhy: <stdin>:2: not JSON: Unexpected end of JSON input$/m);
    const wrong = sipwhy(['replay', '-'], { input: '{"id": "a"}' });
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /^sipwhy: <stdin>:1: not a recorded case.*webhooks/m);
    assert.equal(sipwhy(['replay', 'no-such-file']).status, 2);
  });

  it('prints no character of a webhook that commands a terminal', () => {
    const reason = 'Busy \u001b[2J\u0007\u009b31m\u202e\u200fHere ä';
    const webhook = { call_sid: 'a', direction: 'inbound', call_status: 'failed', sip_status: 486, sip_reason: reason };
    const sent = { method: 'POST', path: '/jambonz/call-status', body: JSON.stringify(webhook), at_ms: 0 };
    const { stdout } = sipwhy(['replay', '-'], { input: JSON.stringify({ id: 'odd', webhooks: [sent] }) });
    assert.match(stdout, /Busy \ufffd\[2J\ufffd\ufffd31m\ufffd.*Here ä/);
    for (const commanding of ['\u001b', '\u0007', '\u009b', '\u202e']) assert.ok(!stdout.includes(commanding));
  });

  it('prints nothing of a webhook as if it were a line of its own', () => {
    const webhook = { call_sid: 'a\nCause: none', direction: 'inbound', call_status: 'failed', sip_status: 503 };
    const body = JSON.stringify({ ...webhook, sip_reason: 'Try\r\nCause: none\u2028again' });
    const sent = { method: 'POST', path: '/jambonz/call-status', body, at_ms: 0 };
    const { stdout } = sipwhy(['replay', '-'], { input: JSON.stringify({ id: 'odd', webhooks: [sent] }) });
    assert.match(stdout, /503 Try Cause: none again/);
    assert.deepEqual(stdout.match(/^Cause: .*/gm)?.length, 1);
  });

  it('goes on with the other cases where a line holds none, and still ends with status 2', () => {
    const input = '{"id": "a", "webhooks": []}\n{"id": "b", "webhooks": 7}\n{"id": "c", "webhooks": []}';
    const { status, stdout, stderr } = sipwhy(['replay', '-', '--json'], { input });
    assert.equal(status, 2);
    assert.deepEqual(
      lines(stdout).map(({ id }) => id),
      ['a', 'c'],
    );
    assert.match(stderr, /^sipwhy: <stdin>:2: not a recorded case: \/webhooks/m);
  });
});

describe('sipwhy match', () => {
  it('answers every question on a line of its own, in their order', () => {
    const { status, stdout } = sipwhy(['match', VECTORS]);
    assert.equal(status, 0);
    const answers = lines(stdout);
    const wanted = gunzipSync(readFileSync(VECTORS))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(answers.length, wanted.length);
    for (const [i, { kind, want }] of wanted.entries()) {
      if (kind === 'normalize') assert.equal(answers[i].result, want);
      else assert.equal(answers[i].error, want.error);
    }
  });

  it('says what is wrong with a question', () => {
    for (const [input, message] of [
      ['{"kind": "nonsense"}', /<stdin>:1: not a question: kind must be normalize, trunk, dispatch/],
      ['[]', /<stdin>:1: not a question: kind must be/],
      ['{"kind": "normalize"}', /<stdin>:1: not a question: .*input/],
      ['{"kind": "trunk", "call": {}, "trunks": {}}', /<stdin>:1: not a question: \/trunks must be array/],
    ] as const) {
      const { status, stderr } = sipwhy(['match', '-'], { input });
      assert.equal(status, 2);
      assert.match(stderr, message);
    }
  });
});

describe('sipwhy demo', () => {
  it('names all four faults of the incident, in the order in which they stop the call', () => {
    const { status, stdout } = sipwhy(['demo', '--json']);
    assert.equal(status, 0);
    const [answer] = lines(stdout);
    assert.deepEqual(answer.calls[0].blocking, [
      'sip_host_wrong',
      'called_number_not_on_trunk',
      'caller_not_allowed',
      'auth_missing',
    ]);
    assert.notEqual(answer.calls[0].confidence, 'certain');
  });

  it('prints each fault with its fix on one screen', () => {
    const { stdout } = sipwhy(['demo']);
    assert.equal(stdout.trimEnd().split('\n').length, 8);
    assert.match(
      stdout,
      /^4\. the trunk requires credentials, but none were sent \(owner: application\)\. Dial with auth: username livekit_client and the trunk’s password\.$/m,
    );
  });

  it('gives one dial verb with every change in it', () => {
    const { stdout } = sipwhy(['demo', '--full']);
    assert.match(stdout, /"sipUri": "sip:4991874350352@<project id without p_>\.sip\.livekit\.cloud"/);
    assert.match(stdout, /"username": "livekit_client"/);
    assert.match(stdout, /lk sip inbound update --id ST_GjeZjGQjrsvC/);
    assert.match(stdout, /JAMBONZ_SBC_ADDRESSES/);
  });
});

describe('sipwhy explain', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('prints the explanation that the service has stored', async () => {
    const recordedCase = recorded('auth_missing-101-0');
    const config = join(directory, 'livekit.json');
    await writeFile(config, JSON.stringify(recordedCase.livekit));
    const env = { DATABASE_URL: join(directory, 'store.db'), LIVEKIT_CONFIG_FILE: config };
    const service = await startService(env, startOf(recordedCase));
    await service.post(recordedCase.webhooks, startOf(recordedCase));
    await service.pass(1_000);
    const callSid = JSON.parse(recordedCase.webhooks[0]?.body ?? '').call_sid;
    // The service is still running and has the store open.
    const { status, stdout } = sipwhy(['explain', callSid], { env });
    await service.app.close();
    assert.equal(status, 1);
    assert.match(stdout, /the trunk requires credentials, but none were sent/);
    const unknown = sipwhy(['explain', 'no-such-call', '--json'], { env });
    assert.equal(unknown.status, 1);
    assert.match(unknown.stderr, /no webhook for call_sid no-such-call was received/);
  });

  it('says so where there is no store', () => {
    const { status, stderr } = sipwhy(['explain', 'c1'], { env: { DATABASE_URL: join(directory, 'none.db') } });
    assert.equal(status, 2);
    assert.match(stderr, /there is no store at/);
    const nowhere = sipwhy(['import', '-'], { env: { DATABASE_URL: '/nowhere/sipwhy.db' } });
    assert.equal(nowhere.status, 2);
    assert.match(nowhere.stderr, /^sipwhy: the path in DATABASE_URL, of which \/ exists: cannot be opened for writing/);
    const short = sipwhy(['import', '-'], { env: { DATABASE_URL: 'nowhere/a.db' } });
    assert.match(short.stderr, /^sipwhy: nowhere\/a\.db: cannot be opened for writing/);
  });
});

describe('sipwhy causes', () => {
  it('lists every cause, and explains one', () => {
    assert.ok(JSON.parse(sipwhy(['causes', '--json']).stdout).length >= 36);
    const { stdout } = sipwhy(['causes', 'caller_not_allowed']);
    assert.match(stdout, /Owner: .*\(livekit_config\)/);
    assert.match(stdout, /^Meaning\n.+^Impact\n.+^Diagnosis\n.+sipwhy explain.+^Mitigation\n.+lk sip inbound update/ms);
    assert.equal(sipwhy(['causes', 'nonsense']).status, 2);
  });
});

describe('sipwhy', () => {
  it('ends with status 2 on wrong use and 0 on --help', () => {
    assert.equal(sipwhy(['nonsense']).status, 2);
    assert.equal(sipwhy(['replay']).status, 2);
    assert.equal(sipwhy(['replay', '--nonsense']).status, 2);
    assert.equal(sipwhy([]).status, 2);
    for (const command of ['serve', 'replay', 'match', 'explain', 'causes', 'demo']) {
      const { status, stdout } = sipwhy([command, '--help']);
      assert.equal(status, 0);
      assert.match(stdout, new RegExp(`Usage: sipwhy ${command}`));
      assert.match(stdout, /--json/);
    }
  });
});
