import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../../src/core/check/check.ts';
import { readDial } from '../../../src/core/check/dialVerb.ts';
import { readQuestions } from '../../../src/core/check/readQuestions.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { readConfiguration } from '../../../src/core/trunks/configurationFile.ts';
import { rule, trunk } from '../scenario.ts';

const URI = 'sip:+15550100@lab.sip.livekit.cloud';
const TRANSFERS =
  'The body has no referHook, so Jambonz refuses a transfer by the agent (TransferSIPParticipant) with 501, and the call goes on, unless a config verb of the application sets one.';
const body = (to: object = {}, more: object = {}) => ({
  from: '+15550177',
  to: { type: 'sip', sipUri: URI, ...to },
  application_sid: '0d3f1e0a-93f1-4b9c-8a33-0f6a6d1f0001',
  ...more,
});
const question = (more: object = {}) => ({
  to: URI,
  caller: '+15550177',
  source: undefined,
  auth: { sent: false },
  srtp: false,
  byRest: true,
  notes: [TRANSFERS],
  ...more,
});
const ANNA = { username: 'anna', password: 'secret' };

describe('the body of createCall', () => {
  for (const [what, json, wanted] of [
    ['without credentials', body(), question()],
    ['with credentials under to', body({ auth: ANNA }), question({ auth: { sent: true, username: 'anna' } })],
    ['with an empty username', body({ auth: { username: '' } }), question()],
    [
      'with credentials beside to',
      body({}, { auth: ANNA }),
      question({ notes: ['Jambonz ignores auth beside to: credentials belong in to.auth.', TRANSFERS] }),
    ],
    ['with SRTP in the headers of to', body({ headers: { 'x-jambonz-srtp': 'sdes' } }), question({ srtp: true })],
    ['with SRTP in its headers', body({}, { headers: { 'X-Jambonz-SRTP': 'sdes' } }), question({ srtp: true })],
    ['with other headers', body({ headers: { 'X-Other': 'sdes' } }), question()],
    [
      'with a field of the dial verb for SRTP',
      body({}, { srtpEncryption: 'sdes' }),
      question({
        notes: [
          'createCall has no srtpEncryption: Jambonz ignores it. The header X-Jambonz-SRTP: sdes in to.headers does the same.',
          TRANSFERS,
        ],
      }),
    ],
    ['with a hook for transfers', body({}, { referHook: '/refer' }), question({ notes: [] })],
    ['without a kind of target', body({ type: undefined }), question()],
    ['without a caller', body({}, { from: undefined }), question({ caller: '+15550123' })],
  ] as const) {
    it(`is read ${what}`, () => {
      assert.deepEqual(readDial(json, '+15550123', undefined), { ok: true, questions: [wanted] });
      assert.deepEqual(readQuestions({ dial: json, caller: '+15550123' }), { ok: true, questions: [wanted] });
    });
  }

  for (const [what, json, fault] of [
    [
      'calls a number',
      body({ type: 'phone', number: '+15550100' }),
      'the createCall body’s to must be of type sip, with a sipUri; a target of type phone goes to a carrier; if that is LiveKit, name it in JAMBONZ_LIVEKIT_CARRIERS',
    ],
    ['has no SIP URI', { to: {} }, 'the createCall body’s to must be of type sip, with a sipUri'],
    ['has a caller that isn’t text', body({}, { from: 5 }), 'the createCall body’s from must be string'],
    ['has a SIP URI that isn’t text', body({ sipUri: 5 }), 'the createCall body’s to.sipUri must be string'],
    [
      'has a long SIP URI',
      body({ sipUri: '1'.repeat(1_001) }),
      'the createCall body: to must have at most 1000 characters, got 1001',
    ],
    ['has a list as to', { to: [] }, 'the createCall body’s to must be object'],
    [
      'has a number as to',
      { to: '+15550100', from: '+15550177' },
      'found neither a dial verb nor a body of createCall, which has an object as to; entry 1 has no "verb", which Jambonz requires, such as "verb": "dial"',
    ],
  ] as const) {
    it(`is refused if it ${what}`, () => assert.deepEqual(readDial(json, undefined, undefined), { ok: false, fault }));
  }
});

describe('the check of a createCall body', () => {
  const reading = readConfiguration({
    inbound_trunks: [
      trunk({ auth_username: 'anna', auth_password: 'x', media: { encryption: 'SIP_MEDIA_ENCRYPT_REQUIRE' } }),
    ],
    dispatch_rules: [rule()],
  });
  const site = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [] });
  const checked = (json: object) => {
    const read = readDial(json, undefined, undefined);
    assert.ok(reading.ok && read.ok);
    return check(site, reading.snapshot, read.questions[0] ?? assert.fail());
  };

  it('says what to add to the body, and not to a dial verb', () => {
    const { would_connect, blocking, fixes, evidence } = checked(body());
    assert.deepEqual([would_connect, blocking], [false, ['auth_missing', 'media_encryption_mismatch']]);
    const paste = fixes.flatMap(({ pastes }) => pastes).find(({ label }) => label.includes('createCall'));
    assert.deepEqual(JSON.parse(paste?.text ?? ''), {
      to: {
        type: 'sip',
        sipUri: URI,
        auth: { username: 'anna', password: '<the password of the trunk>' },
        headers: { 'X-Jambonz-SRTP': 'sdes' },
      },
      tag: { sipwhy: { auth_username: 'anna' } },
    });
    assert.ok(evidence.some(({ value }) => value === 'none, according to createCall'));
    assert.ok(evidence.some(({ value }) => value === 'not offered: createCall has no X-Jambonz-SRTP in to.headers'));
    assert.doesNotMatch(JSON.stringify({ fixes, evidence }), /dial verb/);
  });
  it('finds nothing where the body has it all', () => {
    const all = checked(body({ auth: ANNA, headers: { 'X-Jambonz-SRTP': 'sdes' } }));
    assert.deepEqual([all.would_connect, all.blocking, all.latent], [true, [], []]);
  });
});
