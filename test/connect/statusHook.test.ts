import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  addressWarnings,
  formerHook,
  hookText,
  hookUrls,
  isWebSocketApplication,
  keyWarnings,
  newHook,
} from '../../src/connect/jambonz/statusHook.ts';

const WANTED = 'https://sipwhy.example.com/jambonz/call-status#rc=5&rp=all';
const CLOUD = 'https://api.jambonz.cloud/v1';

it('the hooks lie under the address of sipwhy, which may have a path', () => {
  for (const base of ['https://example.com/sipwhy', 'https://example.com/sipwhy//']) {
    assert.deepEqual(hookUrls(base), {
      callStatus: 'https://example.com/sipwhy/jambonz/call-status#rc=5&rp=all',
      dialAction: 'https://example.com/sipwhy/jambonz/dial-action',
      livekit: 'https://example.com/sipwhy/livekit/webhook',
      health: 'https://example.com/sipwhy/healthz',
    });
  }
});

describe('the hook that an application has', () => {
  const rows: [what: string, hook: { url: string; method?: string } | null, expected: object, forwardUrl?: string][] = [
    ['is none', null, { kind: 'none' }],
    ['is none where its URL is empty', { url: '' }, { kind: 'none' }],
    ['is the wanted one', { url: WANTED, method: 'POST' }, { kind: 'same' }],
    ['is the wanted one where no method is said', { url: WANTED }, { kind: 'same' }],
    ['must be POST, because a GET is not signed', { url: WANTED, method: 'GET' }, { kind: 'sipwhy' }],
    ['is sipwhy’s without retries', { url: 'https://sipwhy.example.com/jambonz/call-status' }, { kind: 'sipwhy' }],
    ['is sipwhy’s at another address', { url: 'http://192.0.2.1:8080/jambonz/call-status' }, { kind: 'sipwhy' }],
    [
      'is forwarded to, without the fragment, which is for Jambonz',
      { url: 'https://app.example.com/status?a=1#rc=2' },
      { kind: 'forwarded', url: 'https://app.example.com/status?a=1', isGet: false },
    ],
    [
      'is forwarded to where its method is GET',
      { url: 'http://app.example.com/', method: 'get' },
      { kind: 'forwarded', url: 'http://app.example.com/', isGet: true },
    ],
    [
      'is forwarded to already',
      { url: 'https://app.example.com/status#rc=2' },
      { kind: 'forwarded', url: 'https://app.example.com/status', isGet: false },
      'https://app.example.com/status#x',
    ],
    [
      'would be lost where sipwhy forwards to another',
      { url: 'https://app.example.com/status' },
      { kind: 'lost', reason: 'CALL_STATUS_FORWARD_URL is already set to another URL' },
      'https://app.example.com/other',
    ],
    [
      'would be lost where it is a WebSocket',
      { url: 'wss://app.example.com/ws' },
      { kind: 'lost', reason: 'it is a WebSocket, to which sipwhy can’t forward' },
    ],
    [
      'would be lost where its URL has credentials',
      { url: 'https://user:hunter2@app.example.com/' },
      { kind: 'lost', reason: 'its URL has credentials, which CALL_STATUS_FORWARD_URL must not have' },
    ],
    ['would be lost where it is relative', { url: '/status' }, { kind: 'lost', reason: 'its URL is not absolute' }],
  ];
  for (const [what, hook, expected, forwardUrl] of rows)
    it(what, () => assert.deepEqual(formerHook(hook, WANTED, forwardUrl), expected));
});

describe('the new hook', () => {
  const old = { url: 'https://app.example.com/', username: 'user', password: 'hunter2' };
  const forwarded = { kind: 'forwarded', url: old.url, isGet: false } as const;
  const withOld = { url: WANTED, method: 'POST', username: 'user', password: 'hunter2' };
  it('keeps the credentials of a hook that is forwarded to, which gets them from sipwhy', () =>
    assert.deepEqual(newHook(WANTED, old, forwarded, 'other:one'), withOld));
  it('keeps those of sipwhy’s own', () =>
    assert.deepEqual(newHook(WANTED, old, { kind: 'sipwhy' }, undefined), withOld));
  it('keeps none of a hook that is replaced', () =>
    assert.deepEqual(newHook(WANTED, old, { kind: 'lost', reason: '' }, undefined), { url: WANTED, method: 'POST' }));
  it('has those of JAMBONZ_BASIC_AUTH, where a password may have colons', () =>
    assert.deepEqual(newHook(WANTED, null, { kind: 'none' }, 'a:b:c'), {
      url: WANTED,
      method: 'POST',
      username: 'a',
      password: 'b:c',
    }));
  it('is shown without its password', () =>
    assert.equal(hookText({ ...old, method: 'get' }), 'https://app.example.com/ (GET, with basic credentials)'));
  it('is shown without the values of a query, and without credentials in its URL', () => {
    assert.equal(
      hookText({ url: 'https://app.example.com/a?token=hunter2#rc=1' }),
      'https://app.example.com/a?…#rc=1 (POST)',
    );
    assert.equal(hookText({ url: 'https://u:hunter2@app.example.com/a' }), 'https://…@app.example.com/a (POST)');
  });
});

describe('an address', () => {
  const rows: [url: string, warning: RegExp | undefined][] = [
    ['https://sipwhy.example.com', undefined],
    ['http://sipwhy.example.com', /^The hook’s URL is http:\/\//],
    ['http://localhost:8080', /^localhost is this machine itself: .*, which jambonz\.cloud does not\./],
    ['http://127.0.0.1:8080', /^127\.0\.0\.1 is this machine itself/],
    ['http://127.9.0.1', /^127\.9\.0\.1 is this machine itself/],
    ['http://[::1]:8080', /^\[::1\] is this machine itself/],
    ['https://10.0.0.1', /^10\.0\.0\.1 is a private address: jambonz\.cloud can’t reach it/],
    ['https://172.16.0.1', /private/],
    ['https://172.31.255.255', /private/],
    ['https://172.15.0.1', undefined],
    ['https://172.32.0.1', undefined],
    ['https://192.168.0.1', /private/],
    ['https://192.169.0.1', undefined],
    ['https://169.254.1.1', /private/],
    ['https://100.64.0.1', /private/],
    ['https://100.127.0.1', /private/],
    ['https://100.63.0.1', undefined],
    ['https://100.128.0.1', undefined],
    ['https://[fd00::1]', /private/],
    ['https://[fe80::1]', /private/],
    ['https://[2001:db8::1]', undefined],
  ];
  for (const [url, warning] of rows) {
    it(`${url} ${warning ? 'is warned of' : 'is fine'}`, () => {
      const [first, ...others] = addressWarnings(url, CLOUD);
      if (warning) assert.match(first ?? '', warning);
      else assert.equal(first, undefined);
      assert.deepEqual(others, []);
    });
  }
  it('is not said to be out of reach of a Jambonz that may be near', () => {
    const [warning = ''] = addressWarnings('https://10.0.0.1', 'https://jambonz.example.com/api/v1');
    assert.equal(warning, '10.0.0.1 is a private address: Jambonz reaches it only from the same network.');
  });
});

it('a call_hook that is a WebSocket makes Jambonz ignore the call_status_hook', () => {
  const application = { application_sid: 'a', name: 'a' };
  assert.equal(isWebSocketApplication({ ...application, call_hook: { url: 'wss://app.example.com/' } }), true);
  assert.equal(isWebSocketApplication({ ...application, call_hook: { url: 'https://app.example.com/ws:' } }), false);
  assert.equal(isWebSocketApplication({ ...application, call_hook: null }), false);
});

it('an API key that crosses the network unencrypted is warned of', () => {
  assert.equal(keyWarnings('http://jambonz.example.com/v1').length, 1);
  for (const url of ['https://jambonz.example.com/v1', 'http://localhost/v1', 'http://10.0.0.1/v1'])
    assert.deepEqual(keyWarnings(url), []);
});
