import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FirstWebhook, firstOf, waitForFirst } from '../../src/connect/waiting/firstWebhook.ts';
import type { ServiceState } from '../../src/connect/waiting/runningService.ts';
import { type SeenByJambonz, whyNothing } from '../../src/connect/waiting/whyNothing.ts';
import { REFUSALS } from '../../src/core/receive/verifyJambonz.ts';

const WANTED = 'https://sipwhy.example.com/jambonz/call-status#rc=5&rp=all';
const QUIET: SeenByJambonz = { hookUrl: WANTED, alerts: [], endedCalls: 0, openCalls: 0 };

function why(first: FirstWebhook, seen: Partial<SeenByJambonz> = {}, healthFault?: string): string {
  const [sentence = '', ...others] = whyNothing({
    first,
    seen: { ...QUIET, ...seen },
    healthFault,
    wantedUrl: WANTED,
    serviceUrl: 'http://127.0.0.1:8080',
    accountSid: 'the-account',
    applicationSid: 'the-application',
  });
  return [sentence, ...others].join('\n');
}

describe('why no verified webhook came', () => {
  it('is nothing where one came', () => assert.equal(why({ result: 'verified' }), ''));

  it('names the secret where the signature is wrong', () =>
    assert.match(
      why({ result: 'refused', reason: 'bad_signature' }),
      /\(bad_signature\)\. The running sipwhy has a JAMBONZ_WEBHOOK_SECRET without the secret of the account the-account, or a proxy changes the body/,
    ));

  it('has a sentence of its own for each refusal of a webhook', () => {
    const sentences = REFUSALS.map((reason) => why({ result: 'refused', reason }));
    assert.equal(new Set(sentences).size, REFUSALS.length);
    for (const [i, sentence] of sentences.entries()) {
      assert.ok(sentence.includes(`(${REFUSALS[i]})`), sentence);
      assert.doesNotMatch(sentence, /could not use it/);
    }
    assert.match(why({ result: 'refused', reason: 'invalid' }), /could not use it \(invalid\)/);
    assert.match(why({ result: 'refused', reason: 'store_failed' }), /could not write it to its journal/);
  });

  const ROWS: [what: string, first: FirstWebhook, seen: Partial<SeenByJambonz>, sentence: RegExp][] = [
    ['the service checks nothing', { result: 'unverified' }, {}, /JAMBONZ_WEBHOOK_SECRET is not set there/],
    ['the token is wrong', { result: 'unauthorised' }, {}, /set API_TOKEN to that of the running service/],
    ['the service is down', { result: 'unreachable', fault: 'refused' }, {}, /can’t be asked: refused\. Start sipwhy/],
    ['the hook was changed', { result: 'none' }, { hookUrl: 'https://b.example.com' }, /is not sipwhy’s any more/],
    ['the hook was removed', { result: 'none' }, { hookUrl: '' }, /is not sipwhy’s any more/],
    ['no call was placed', { result: 'none' }, {}, /Jambonz knows of no call since then: place a call/],
    [
      'Jambonz can’t be asked for alerts',
      { result: 'none' },
      { alerts: undefined, endedCalls: 1 },
      /Either no call was placed .*, or Jambonz can’t reach the hook/,
    ],
    ['Jambonz can’t be asked for calls', { result: 'none' }, { endedCalls: undefined }, /Either no call was placed/],
    [
      'calls ended',
      { result: 'none' },
      { endedCalls: 2 },
      /knows of calls since then \(ended: 2, going on: 0\), and of no failed webhook/,
    ],
    ['a call goes on', { result: 'none' }, { openCalls: 1 }, /\(ended: 0, going on: 1\)/],
    [
      'Jambonz has an alert',
      { result: 'none' },
      { alerts: ['unable to connect'], endedCalls: 1 },
      /^Jambonz called the hook without success\. Its alerts say: "unable to connect"\. Make the address reachable from Jambonz\.$/,
    ],
  ];
  for (const [what, first, seen, sentence] of ROWS)
    it(`says that ${what}`, () => assert.match(why(first, seen), sentence));

  it('says that the address leads nowhere even from here', () =>
    assert.equal(
      why({ result: 'none' }, {}, 'it answered 502'),
      'Even from this machine the address of the hook does not lead to sipwhy: it answered 502.',
    ));
});

const DONE = { id: 'jambonz_signature_valid', done: true, detail: 'The signature or the credentials are right.' };
const OPEN = { id: 'jambonz_signature_valid', done: false, detail: 'Unknown until a webhook arrives.' };
const UNSET = { ...OPEN, detail: 'Neither JAMBONZ_WEBHOOK_SECRET nor JAMBONZ_BASIC_AUTH is set: anyone …' };
const REFUSED = { ...OPEN, detail: 'The latest webhook was refused: bad_signature.' };

const state = (step: typeof DONE, counts: Record<string, number> | undefined, startedAt = 1_000): ServiceState => ({
  kind: 'running',
  steps: [step],
  statuses: counts && new Map(Object.entries(counts)),
  forwards: undefined,
  startedAt,
});

describe('the first webhook', () => {
  const before = state(DONE, { accepted: 3, bad_signature: 1 });
  const ROWS: [what: string, now: ServiceState, first: FirstWebhook][] = [
    ['did not come where only earlier ones are counted', before, { result: 'none' }],
    ['came', state(DONE, { accepted: 4, bad_signature: 1 }), { result: 'verified' }],
    ['came again', state(DONE, { accepted: 3, repeated: 1, bad_signature: 1 }), { result: 'verified' }],
    ['came, and nothing was checked', state(UNSET, { accepted: 4, bad_signature: 1 }), { result: 'unverified' }],
    ['was refused', state(DONE, { accepted: 3, bad_signature: 2 }), { result: 'refused', reason: 'bad_signature' }],
    ['came after one that was refused', state(DONE, { accepted: 4, bad_signature: 2 }), { result: 'verified' }],
    ['came, by the setup alone', state(DONE, undefined), { result: 'verified' }],
    ['did not come, by the setup alone', state(OPEN, undefined), { result: 'none' }],
    ['was refused, by the setup alone', state(REFUSED, undefined), { result: 'refused', reason: 'bad_signature' }],
    ['is unknown with a wrong token', { kind: 'unauthorised' }, { result: 'unauthorised' }],
    ['is unknown', { kind: 'unreachable', fault: 'x' }, { result: 'unreachable', fault: 'x' }],
  ];
  for (const [what, now, first] of ROWS) it(what, () => assert.deepEqual(firstOf(before, now), first));

  const waited = (before: ServiceState, ...looks: ServiceState[]) => {
    const left = [...looks];
    const look = async () => left.shift() ?? (looks.at(-1) as ServiceState);
    return waitForFirst({ look, before, since: 2_000, seconds: looks.length === 1 ? 0 : 10, onSecond: () => {} });
  };
  const down: ServiceState = { kind: 'unreachable', fault: 'x' };
  it('is counted from 0 where the service started meanwhile', async () => {
    assert.deepEqual(await waited(down, state(DONE, { accepted: 1 }, 2_000)), { result: 'verified' });
    assert.deepEqual(await waited(before, state(DONE, { accepted: 1 }, 2_000)), { result: 'verified' });
  });
  it('is not one of a service that was out of reach for a moment', async () =>
    assert.deepEqual(await waited(down, state(DONE, { accepted: 1 }, 1_999)), { result: 'none' }));
  it('is waited for', async () => {
    assert.deepEqual(await waited(before, before, state(DONE, { accepted: 4, bad_signature: 1 })), {
      result: 'verified',
    });
  });
});
