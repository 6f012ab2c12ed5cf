import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../../src/core/check/check.ts';
import { readDial } from '../../../src/core/check/dialVerb.ts';
import { readQuestions } from '../../../src/core/check/readQuestions.ts';
import { NO_NEIGHBOURS } from '../../../src/core/diagnose/facts/neighbours.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { weighQuestion } from '../../../src/core/diagnose/question.ts';
import { readConfiguration } from '../../../src/core/trunks/configurationFile.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';

const URI = 'sip:+15550100@lab.sip.livekit.cloud';
const dial = (target: object, more: object = {}) => ({ verb: 'dial', target: [target].flat(), ...more });
const NO_REFER_HOOK =
  'The verb has no referHook, so Jambonz refuses a transfer by the agent (TransferSIPParticipant) with 501, and the call goes on. If the agent transfers calls, add a referHook.';
const ANSWERS_EARLY =
  'No verb before the dial answers the caller, and the dial has no answerOnBridge. If the list begins an inbound call, Jambonz answers the caller before LiveKit answers, and the caller then waits without ringing. With "answerOnBridge": true, Jambonz answers the caller when LiveKit answers. If such a dial fails, answer its hook with sip:decline: hangup does not end an unanswered call.';
const AUDIO_LEAVES =
  'The verb has exitMediaPath and no anchorMedia, so audio leaves Jambonz after the answer: the carrier and LiveKit must reach each other, and accept a re-INVITE with another address. If calls turn silent after the answer, set "anchorMedia": true or remove exitMediaPath.';
const question = (more: object = {}) => ({
  to: URI,
  caller: '+15550123',
  source: '192.0.2.10',
  auth: { sent: false as const },
  srtp: false,
  notes: [NO_REFER_HOOK],
  ...more,
});

describe('a dial verb', () => {
  for (const [what, json, questions] of [
    ['alone', dial({ type: 'sip', sipUri: URI }), [question()]],
    ['among others', [{ verb: 'say' }, null, 'x', dial([{ sipUri: URI }])], [question()]],
    ['with a caller of its own', dial({ sipUri: URI }, { callerId: '+15550177' }), [question({ caller: '+15550177' })]],
    [
      'with credentials',
      dial({ sipUri: URI, auth: { username: 'anna', password: 'secret' } }),
      [question({ auth: { sent: true, username: 'anna' } })],
    ],
    ['with SRTP', dial({ sipUri: URI }, { srtpEncryption: 'sdes' }), [question({ srtp: true })]],
    ['with SRTP by DTLS', dial({ sipUri: URI }, { srtpEncryption: 'dtls' }), [question({ srtp: true })]],
    ['with a hook for transfers', dial({ sipUri: URI }, { referHook: '/refer' }), [question({ notes: [] })]],
    [
      'whose audio leaves Jambonz',
      dial({ sipUri: URI }, { exitMediaPath: true }),
      [question({ notes: [NO_REFER_HOOK, AUDIO_LEAVES] })],
    ],
    [
      'whose audio stays by anchorMedia',
      dial({ sipUri: URI }, { exitMediaPath: true, anchorMedia: true }),
      [question()],
    ],
    ['whose audio stays', dial({ sipUri: URI }, { exitMediaPath: false, anchorMedia: false }), [question()]],
    ['with an empty hook for transfers', dial({ sipUri: URI }, { referHook: '' }), [question()]],
    [
      'with credentials in the wrong place',
      dial({ sipUri: URI }, { auth: { username: 'anna' } }),
      [
        question({
          notes: ['Jambonz ignores the auth of the verb: credentials belong in the auth of its target.', NO_REFER_HOOK],
        }),
      ],
    ],
    ['as the key of its object', { dial: { target: [{ sipUri: URI }] } }, [question()]],
    ['as the key of its object, among others', [{ say: {} }, { dial: { target: [{ sipUri: URI }] } }], [question()]],
    ['with an empty username', dial({ sipUri: URI, auth: { username: '' } }), [question()]],
    ['with several targets', dial([{ type: 'phone' }, { sipUri: URI }, { sipUri: URI }]), [question(), question()]],
  ] as const) {
    it(`is read ${what}`, () => {
      assert.deepEqual(readDial(json, '+15550123', '192.0.2.10'), { ok: true, questions });
      assert.deepEqual(readQuestions({ dial: json, caller: '+15550123', source: '192.0.2.10' }), {
        ok: true,
        questions,
      });
    });
  }

  for (const [what, json, isNoted] of [
    ['alone, of which the verbs before are unknown', dial({ sipUri: URI }), false],
    ['at the beginning of a list', [dial({ sipUri: URI })], true],
    ['before a verb that answers', [dial({ sipUri: URI }), { verb: 'say' }], true],
    ['after a verb that answers, as a key', [{ say: {} }, dial({ sipUri: URI })], false],
    ['after a verb that does not answer, as a key', [{ pause: { length: 1 } }, dial({ sipUri: URI })], true],
    ['with answerOnBridge', [dial({ sipUri: URI }, { answerOnBridge: true })], false],
    ['with answerOnBridge false', [dial({ sipUri: URI }, { answerOnBridge: false })], true],
    [
      'with answerOnBridge as text, which Jambonz takes for false',
      [dial({ sipUri: URI }, { answerOnBridge: 'true' })],
      true,
    ],
    ...(['pause', 'tag', 'message'] as const).map(
      (verb) => [`after ${verb}, which does not answer`, [{ verb }, dial({ sipUri: URI })], true] as const,
    ),
    ...(['answer', 'say', 'play', 'gather', 'config', 'something'] as const).map(
      (verb) => [`after ${verb}, which may have answered`, [{ verb }, dial({ sipUri: URI })], false] as const,
    ),
    ...(['say', 'play'] as const).map(
      (verb) => [`after ${verb} in early media`, [{ verb, earlyMedia: true }, dial({ sipUri: URI })], true] as const,
    ),
    ['after say with earlyMedia as text', [{ verb: 'say', earlyMedia: 'true' }, dial({ sipUri: URI })], false],
    ['after gather with earlyMedia', [{ verb: 'gather', earlyMedia: true }, dial({ sipUri: URI })], false],
    ['after pause and say', [{ verb: 'pause' }, { verb: 'say' }, dial({ sipUri: URI })], false],
    ['after what is no verb', [null, dial({ sipUri: URI })], false],
  ] as const) {
    it(`has ${isNoted ? 'a' : 'no'} note on the answer ${what}`, () => {
      const reading = readDial(json, undefined, undefined);
      assert.deepEqual(reading.ok && reading.questions.map(({ notes }) => notes), [
        isNoted ? [NO_REFER_HOOK, ANSWERS_EARLY] : [NO_REFER_HOOK],
      ]);
    });
  }

  for (const [what, json, fault] of [
    ['is missing', [{ verb: 'say' }], 'found neither a dial verb nor a body of createCall, which has an object as to'],
    ['is null', null, 'found neither a dial verb nor a body of createCall, which has an object as to'],
    ['has no SIP target', dial([{ type: 'phone' }]), 'the dial verb has no target of type sip'],
    [
      'has a target that is an object',
      { verb: 'dial', target: { type: 'sip', sipUri: URI } },
      'the dial verb’s target must be a list, also of one target: Jambonz refuses an object',
    ],
    [
      'has its name under another key than verb',
      [{ verb: 'answer' }, { type: 'dial', target: [{ type: 'sip', sipUri: URI }] }],
      'found neither a dial verb nor a body of createCall, which has an object as to; entry 2 has no "verb", which Jambonz requires, such as "verb": "dial"',
    ],
    [
      'is a key beside others',
      [{ dial: { target: [{ sipUri: URI }] }, id: 'x' }],
      'found neither a dial verb nor a body of createCall, which has an object as to; entry 1 has no "verb", which Jambonz requires, such as "verb": "dial"',
    ],
    [
      'is a key with text',
      { dial: 'x' },
      'found neither a dial verb nor a body of createCall, which has an object as to; entry 1 has no "verb", which Jambonz requires, such as "verb": "dial"',
    ],
    ['has no target', { verb: 'dial' }, 'the dial verb’s form must have required properties target'],
    [
      'has a kind of SRTP that Jambonz refuses',
      dial({ sipUri: URI }, { srtpEncryption: 'aes' }),
      'the dial verb’s srtpEncryption must match pattern "^(sdes|dtls)$"',
    ],
    ['has a caller that isn’t text', dial({ sipUri: URI }, { callerId: 5 }), 'the dial verb’s callerId must be string'],
  ] as const) {
    it(`is refused if it ${what}`, () => assert.deepEqual(readDial(json, undefined, undefined), { ok: false, fault }));
  }
});

describe('a target of type phone', () => {
  const NUMBER = '+15550100';
  const STRIPPED = 'The SBC strips the + of a number that goes to a carrier: LiveKit sees 15550100.';
  const CHOSEN = 'The target names no trunk, so Jambonz chooses the carrier. This is checked as if it chose LiveKit.';
  const phone = (more: object = {}) => ({ type: 'phone', number: NUMBER, ...more });
  const read = (json: unknown, ...carriers: string[]) => readDial(json, '+15550123', '192.0.2.10', carriers);

  for (const [what, target, to, notes] of [
    ['by its name', phone({ trunk: 'LiveKit' }), NUMBER, [STRIPPED]],
    ['by its name in another letter case', phone({ trunk: 'livekit' }), NUMBER, [STRIPPED]],
    ['that Jambonz chooses', phone(), NUMBER, [CHOSEN, STRIPPED]],
    ['with a number without +', phone({ number: '15550100', trunk: 'LiveKit' }), '15550100', []],
  ] as const) {
    it(`goes through a carrier that is LiveKit, ${what}`, () => {
      const { srtp: _, ...wanted } = question({
        to,
        auth: undefined,
        byCarrier: true,
        notes: [NO_REFER_HOOK, ...notes],
      });
      assert.deepEqual(read(dial(target), 'Other', 'LiveKit'), { ok: true, questions: [wanted] });
      assert.deepEqual(readQuestions({ dial: dial(target), caller: '+15550123', source: '192.0.2.10' }, ['LiveKit']), {
        ok: true,
        questions: [wanted],
      });
    });
  }

  it('of createCall goes there as well', () => {
    const reading = read({ from: '+15550177', to: phone({ trunk: 'LiveKit' }), referHook: '/refer' }, 'LiveKit');
    assert.deepEqual(reading, {
      ok: true,
      questions: [
        {
          to: NUMBER,
          caller: '+15550177',
          source: '192.0.2.10',
          auth: undefined,
          byCarrier: true,
          byRest: true,
          notes: [STRIPPED],
        },
      ],
    });
  });

  it('says what is missing if it goes elsewhere, as far as is known', () => {
    const unknown = 'a target of type phone goes to a carrier; if that is LiveKit, name it in JAMBONZ_LIVEKIT_CARRIERS';
    const other = 'the carrier Other isn’t in JAMBONZ_LIVEKIT_CARRIERS';
    const faultOf = (reading: ReturnType<typeof readDial>) => !reading.ok && reading.fault;
    assert.equal(faultOf(read(dial(phone()))), `the dial verb has no target of type sip; ${unknown}`);
    assert.equal(
      faultOf(read(dial(phone({ trunk: 'Other' })), 'LiveKit')),
      `the dial verb has no target of type sip; ${other}`,
    );
    const noSip = 'the createCall body’s to must be of type sip, with a sipUri';
    assert.equal(faultOf(read({ to: phone({ trunk: 'Other' }) }, 'LiveKit')), `${noSip}; ${other}`);
    assert.equal(
      faultOf(read(dial({ type: 'user', name: 'a@b.example' }), 'LiveKit')),
      'the dial verb has no target of type sip',
    );
  });

  it('is compared without its +, and with unknown credentials', () => {
    const reading = readConfiguration({
      inbound_trunks: [{ sip_trunk_id: 'ST_1', numbers: [NUMBER], auth_username: 'anna', auth_password: 'x' }],
      dispatch_rules: [
        {
          sip_dispatch_rule_id: 'SDR_1',
          trunk_ids: ['ST_1'],
          numbers: [NUMBER],
          rule: { dispatch_rule_individual: {} },
        },
      ],
    });
    const asked = read(dial(phone({ trunk: 'LiveKit' })), 'LiveKit');
    assert.ok(reading.ok && asked.ok);
    const site = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [] });
    const answer = check(site, reading.snapshot, asked.questions[0] ?? assert.fail());
    // A trunk takes a number with and without its +. A rule compares it as written.
    assert.deepEqual([answer.would_connect, answer.blocking], [false, ['dispatch_rule_number_mismatch']]);
    assert.deepEqual(answer.stages[0], {
      stage: 'host',
      verdict: 'unknown',
      detail: 'the carrier in Jambonz names it',
    });
    assert.match(JSON.stringify(answer.evidence), /15550100 isn’t in \[\+15550100\]/);
    assert.deepEqual(answer.latent, ['auth_missing']);
  });
});

describe('a question to the API', () => {
  for (const [auth_username, auth] of [
    [undefined, undefined],
    [false, { sent: false }],
    ['anna', { sent: true, username: 'anna' }],
  ] as const) {
    it(`has credentials ${JSON.stringify(auth_username)}`, () => {
      const reading = readQuestions({ to: URI, auth_username });
      assert.deepEqual(reading, {
        ok: true,
        questions: [{ to: URI, caller: undefined, source: undefined, auth, srtp: undefined }],
      });
    });
  }
  for (const srtp of [undefined, true, false]) {
    it(`has SRTP ${srtp}`, () => {
      const reading = readQuestions({ to: URI, srtp });
      assert.deepEqual(reading.ok && reading.questions.map((question) => question.srtp), [srtp]);
    });
  }
  it('must be an object', () => assert.deepEqual(readQuestions(5), { ok: false, fault: 'the body must be object' }));
});

describe('the facts of a question', () => {
  const site = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: ['192.0.2.1'] });
  const weighed = (more: object = {}) =>
    weighQuestion(site, new Snapshot({ trunks: [], rules: [] }), { ...question(), source: undefined, ...more });

  it('are those of a call that was not made, of which nothing was seen', () => {
    const { match, target, deployment, host, ...facts } = weighed().facts;
    assert.deepEqual(facts, {
      ending: { kind: 'not_made' },
      progress: {
        ringings: 0,
        ringingsReported: true,
        ringSeconds: undefined,
        quietSeconds: undefined,
        elapsedMs: undefined,
        precise: true,
        endReported: true,
      },
      end: undefined,
      stage: 'unknown',
      metadata: { state: 'fresh', ageSeconds: 0 },
      lostToSibling: false,
      livekit: { kind: 'unreported' },
      transfer: undefined,
      media: undefined,
      neighbours: NO_NEIGHBOURS,
      hangUps: undefined,
    });
    assert.deepEqual([target.kind, match?.call.called, deployment?.kind], ['livekit', '+15550100', 'cloud']);
    assert.equal(host?.kind, 'unknown');
  });

  it('have the address that is asked for, or else those of the SBCs', () => {
    assert.deepEqual(weighed().match.call.sources, ['192.0.2.1']);
    assert.deepEqual(weighed({ source: '198.51.100.7' }).match.call.sources, ['198.51.100.7']);
  });

  it('have no host if only a number is asked for', () => {
    const { host, facts } = weighed({ to: '+15550100' });
    assert.deepEqual([host, facts.match?.call.called], [undefined, '+15550100']);
  });
});
