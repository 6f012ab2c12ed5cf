import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { diagnose, unknownsOf } from '../../../src/core/diagnose/diagnose.ts';
import type { Facts } from '../../../src/core/diagnose/facts/facts.ts';
import { excluded, nextSteps } from '../../../src/core/diagnose/unexplained.ts';
import { CALLED, type Dial, FITTING, rule, trunk } from '../scenario.ts';
import { ADMITTED } from './admittedReport.ts';
import { factsOf } from './gatheredFacts.ts';

const SILENT: Dial = { ringing: [90], dialGaveUpAt: 20_000 };
const DECLINED: Dial = { response: [603, 'Decline', 900] };
const ELSEWHERE: Dial = { to: '+15550199', response: [603, 'Decline', 900] };
const HOST = 'vjnxecm0tjk.sip.livekit.cloud';
const OWN_HOST = 'sip.example.com';
const onHost = (host: string, dial: Dial): Dial => ({ ...dial, to: `sip:${CALLED}@${host}` });
const BYPASSED = {
  inbound_trunks: [trunk({ numbers: ['+15550142'] })],
  dispatch_rules: [rule({ trunk_ids: [] })],
};
const REFUSING = { inbound_trunks: [trunk({ numbers: ['+15550142'] })], dispatch_rules: [rule()] };
const LISTED = {
  inbound_trunks: [
    trunk({ allowed_addresses: ['198.51.100.7'] }),
    trunk({ sip_trunk_id: 'ST_2', name: 'second', numbers: ['+15550142'] }),
  ],
  dispatch_rules: [rule()],
};
const NO_SBC = { sbcAddresses: [] };
const UNREPORTED = { kind: 'unreported' } as const;
const NOT_ADMITTED = { kind: 'not_admitted' } as const;
const UNRUNG: Dial = { dialGaveUpAt: 20_000 };
const AUDIBLE = { ...ADMITTED, agent: { state: 'audible', joinedSeconds: 1, audioSeconds: 2 } } as const;

describe('what is excluded of a call that no rule explains', () => {
  const beyondEnding = (facts: Facts) =>
    excluded(facts)
      .filter(({ source }) => source !== 'jambonz')
      .map(({ name, value, source }) => `${name}: ${value} [${source}]`);
  const matchOf = (facts: Facts) => excluded(facts).flatMap(({ name, value }) => (name === 'match' ? [value] : []));
  const admits = (how: string) =>
    `LiveKit’s configuration admits this call${how}: neither trunk, number, caller, address nor rule refused it`;

  it('begins with how it ended and rang', () => {
    const facts = factsOf(onHost(OWN_HOST, SILENT));
    assert.deepEqual(
      excluded(facts).map(({ name, value }) => `${name}: ${value}`),
      ['ending: no final response; the dial gave up', 'ringing: 1 × 180, then none for 19.9 s'],
    );
  });

  for (const [what, facts, wanted] of [
    ['nothing of a call to somebody else', factsOf(ELSEWHERE, { livekit: FITTING }), []],
    ['nothing where nothing is known', factsOf(onHost(OWN_HOST, SILENT)), []],
    [
      'the host that LIVEKIT_SIP_HOST names',
      factsOf(onHost(OWN_HOST, SILENT), { settings: { sipHosts: [OWN_HOST] } }),
      [`dialled host: ${OWN_HOST} is LiveKit’s SIP host [settings]`],
    ],
    [
      'not what Cloud’s silence leaves open',
      factsOf(onHost(HOST, SILENT)),
      [
        'LiveKit Cloud: LiveKit Cloud may refuse a call by silence, or ring late: the silence alone excludes neither [settings]',
      ],
    ],
    ['nothing of Cloud’s silence where it answered', factsOf(onHost(HOST, DECLINED)), []],
    [
      'that LiveKit let it in, where its webhooks name others only',
      { ...factsOf(onHost(OWN_HOST, SILENT)), livekit: NOT_ADMITTED },
      ['participant: LiveKit’s webhooks name other calls, but not this one [livekit]'],
    ],
    [
      'what LiveKit’s webhooks say of it, which leave nothing of Cloud’s silence open',
      { ...factsOf(onHost(HOST, UNRUNG)), stage: 'admitted', livekit: AUDIBLE },
      [
        'participant: joined room call-1 (matched by SIP Call-ID) [livekit]',
        'agent: joined after 1.0 s and published audio after 2.0 s [livekit]',
      ],
    ],
  ] as const) {
    it(`is ${what}`, () => assert.deepEqual(beyondEnding(facts), wanted));
  }

  for (const [what, livekit, wanted] of [
    ['a trunk and its rule admit', FITTING, admits(' through ST_1 "first" and SDR_1')],
    ['a wildcard rule alone admits', BYPASSED, admits(' and SDR_1')],
    ['nothing admits', REFUSING, 'LiveKit’s configuration refuses this call, but the call ended in another way'],
  ] as const) {
    it(`says of the configuration that ${what} the call`, () => {
      assert.deepEqual(matchOf(factsOf(onHost(OWN_HOST, SILENT), { livekit })), [wanted]);
    });
  }

  it('says that the configuration depends on what is unknown', () => {
    const facts = factsOf(onHost(OWN_HOST, SILENT), { livekit: LISTED, settings: NO_SBC });
    assert.deepEqual(matchOf(facts), [
      'whether LiveKit’s configuration admits this call depends on what is listed under Unknown',
    ]);
  });

  it('says nothing of a stale configuration', () => {
    assert.deepEqual(matchOf(factsOf(onHost(OWN_HOST, SILENT), { livekit: FITTING, isStale: true })), []);
  });
});

describe('one 180 and silence of a LiveKit whose configuration admits the call', () => {
  const facts = factsOf(onHost(OWN_HOST, { ringing: [90], dialGaveUpAt: 8_000 }), {
    livekit: FITTING,
    settings: { sipHosts: [OWN_HOST] },
  });
  for (const [what, livekit, alternatives] of [
    ['may be a long ringing interval', UNREPORTED, ['agent_not_joined']],
    ['is none where LiveKit’s webhooks name other calls only', NOT_ADMITTED, []],
  ] as const) {
    it(what, () => assert.deepEqual(diagnose({ ...facts, livekit }).alternatives, alternatives));
  }
});

describe('a caller who hung up', () => {
  it('is told of with what LiveKit’s webhooks say of the agent', () => {
    const facts = factsOf({ ringing: 'every second', callerHungUpAt: 4_000 });
    const told = diagnose({ ...facts, livekit: AUDIBLE });
    assert.equal(told.cause, 'caller_abandoned');
    assert.ok(told.evidence.some(({ name, source }) => name === 'agent' && source === 'livekit'));
  });
});

describe('what is unknown of a call', () => {
  it('is who was dialled, if only the dial hook reports it', () => {
    const facts: Facts = { ...factsOf(SILENT), target: { kind: 'unknown' } };
    assert.deepEqual(unknownsOf(facts), ['Who was dialled: none of the leg’s own webhooks arrived.']);
  });
  it('is the end, if no webhook reports it', () => {
    assert.deepEqual(unknownsOf(factsOf({ to: '+15550199', ringing: [90] })), [
      'When and how the leg ended: no webhook reported it.',
    ]);
  });
  it('is nothing of LiveKit for a call to somebody else', () => assert.deepEqual(unknownsOf(factsOf(ELSEWHERE)), []));
});

describe('the next steps for a call that no rule explains', () => {
  const HOOK = /^Set the dial verb’s actionHook/;
  const CONFIGURATION = /^Give sipwhy LiveKit’s configuration/;
  const STALE = /^See in sipwhy’s log why/;
  const ADDRESSES = /^Set JAMBONZ_SBC_ADDRESSES/;
  const WEBHOOKS = /^Point LiveKit’s webhooks to/;
  const CALL_ID = /^Look for the SIP Call-ID in livekit-sip’s log/;
  const SENDER = /^Look in the PCAP of Jambonz’s Recent Calls for who sent the response/;
  const LAST = /^Look in the PCAP of Jambonz’s Recent Calls for the last message/;
  const known = factsOf(SILENT, { livekit: FITTING });
  for (const [what, facts, ...steps] of [
    [
      'the configuration, then LiveKit’s webhooks',
      { ...factsOf(SILENT), livekit: UNREPORTED },
      CONFIGURATION,
      WEBHOOKS,
    ],
    ['a hook for an unreported end', factsOf({ ringing: [90] }), HOOK, CONFIGURATION],
    ['the log for a stale configuration', factsOf(SILENT, { livekit: FITTING, isStale: true }), STALE, WEBHOOKS],
    [
      'the SBCs’ addresses if a trunk lists some',
      factsOf(SILENT, { livekit: LISTED, settings: NO_SBC }),
      ADDRESSES,
      WEBHOOKS,
    ],
    ['no addresses if no trunk lists some', factsOf(SILENT, { livekit: FITTING, settings: NO_SBC }), WEBHOOKS, CALL_ID],
    ['no addresses if they are set', factsOf(SILENT, { livekit: LISTED }), WEBHOOKS, CALL_ID],
    ['no webhooks if they arrive, and the last message', { ...known, livekit: NOT_ADMITTED }, CALL_ID, LAST],
    ['who sent a response', { ...factsOf(DECLINED, { livekit: FITTING }), livekit: NOT_ADMITTED }, CALL_ID, SENDER],
    ['nothing of LiveKit for a call to somebody else', factsOf(ELSEWHERE), SENDER, LAST],
    [
      'a longer timeout for a call that LiveKit let in before it rang, and its room, where an agent could be heard',
      { ...factsOf(UNRUNG, { livekit: FITTING }), stage: 'admitted', livekit: AUDIBLE },
      /^Raise the timeout of the dial verb/,
      /telephony page, for this call in room call-1:/,
    ],
    [
      'no longer timeout for a call that rang',
      { ...factsOf(SILENT, { livekit: FITTING }), stage: 'admitted', livekit: AUDIBLE },
      /telephony page, for this call in room call-1:/,
      LAST,
    ],
    [
      'nothing of a stale configuration for such a call',
      factsOf(ELSEWHERE, { livekit: FITTING, isStale: true }),
      SENDER,
      LAST,
    ],
  ] as const) {
    it(`are ${what}`, () => {
      const actions = nextSteps(facts).map(({ action }) => action);
      assert.equal(actions.length, 2);
      for (const [i, step] of steps.entries()) assert.match(actions[i] ?? '', step);
    });
  }
});
