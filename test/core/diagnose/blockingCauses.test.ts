import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Dial, explainDial, FITTING, rule, type Setting, trunk } from '../scenario.ts';

const DROPPED: Dial = { ringing: [90], dialGaveUpAt: 20_000 };
const BUSY: Dial = { response: [486, 'Rejected', 900] };
const withRule = (fields: object): Setting => ({
  livekit: { inbound_trunks: [trunk()], dispatch_rules: [rule(fields)] },
});

describe('a call that two causes block', () => {
  const barredTwice = trunk({ allowed_numbers: ['+15550142'], allowed_addresses: ['198.51.100.7'] });
  const { blocking, summary, evidence } = explainDial(DROPPED, {
    livekit: { inbound_trunks: [barredTwice], dispatch_rules: [rule()] },
  });

  it('names the second cause in its summary', () => {
    assert.deepEqual(blocking, ['source_address_not_allowed', 'caller_not_allowed']);
    assert.match(summary, /; also \S.*\. Owner: /);
  });

  it('has each piece of evidence once', () => {
    const pieces = evidence.map(({ name, value }) => `${name}: ${value}`);
    assert.deepEqual(pieces, [...new Set(pieces)]);
  });
});

describe('a caller who hung up on LiveKit without any ringing', () => {
  for (const [callerHungUpAt, isCause] of [
    [9_900, true],
    [20_000, false],
  ] as const) {
    it(`${isCause ? 'abandoned' : 'may have abandoned'} the call after ${callerHungUpAt} ms`, () => {
      const told = explainDial({ callerHungUpAt });
      assert.equal(told.blocking.includes('caller_abandoned'), isCause);
      assert.equal(told.alternatives.includes('caller_abandoned'), !isCause);
    });
  }
});

describe('a project without dispatch rules', () => {
  const livekit = { ...FITTING, dispatch_rules: [] };
  it('does not block a call that LiveKit admitted', () => {
    const { blocking, alternatives, latent } = explainDial(BUSY, { livekit });
    assert.ok(![...blocking, ...alternatives, ...latent].includes('no_dispatch_rule'));
  });
});

describe('a 503 "Try again later"', () => {
  it('has the conflicts of the configuration as evidence', () => {
    const { evidence } = explainDial({ response: [503, 'Try again later', 230] }, { livekit: FITTING });
    const conflicts = evidence.find(({ name }) => name === 'conflicting trunks or rules');
    assert.equal(conflicts?.value, 'none in the configuration');
  });
});

describe('a called number that is another for each call', () => {
  const UUID = '61ca5eac-ade5-4f85-827a-f461693431d6';
  const actions = (user: string, livekit: NonNullable<Setting['livekit']>) =>
    explainDial({ ...DROPPED, to: `sip:${user}@lab.sip.livekit.cloud` }, { livekit }).fixes.map(({ action }) => action);
  const instead = (user: string) => [
    `Dial +15550100, a number of ST_1 "first", instead of ${user}, which is another for each call.`,
  ];
  const orAdd = (user: string) => [
    `Dial +15550100, a number of ST_1 "first", instead of ${user}.`,
    `Or add ${user} to the numbers of ST_1 "first".`,
  ];
  for (const [user, wanted] of [
    [UUID, instead],
    [UUID.toUpperCase(), instead],
    [UUID.replaceAll('-', ''), instead],
    [`call-${UUID}`, instead],
    ['SCL_xvn5eLAGGDD3', instead],
    ['RM_xvn5eLAGGDD3', instead],
    ['PA_xvn5eLAGGDD3', instead],
    ['AJ_xvn5eLAGGDD3', instead],
    [UUID.slice(0, -1), orAdd],
    [UUID.replace('-', ''), orAdd],
    ['XSCL_1', orAdd],
    ['scl_1', orAdd],
  ] as const) {
    it(`is ${wanted === instead ? 'never' : 'perhaps'} added to a trunk: ${user}`, () => {
      assert.deepEqual(actions(user, FITTING), wanted(user));
    });
  }

  it('is never added to a dispatch rule', () => {
    const livekit = { inbound_trunks: [trunk({ numbers: [] })], dispatch_rules: [rule({ numbers: ['+15550142'] })] };
    assert.deepEqual(actions(UUID, livekit), [
      `Dial +15550142, a number of SDR_1, instead of ${UUID}, which is another for each call.`,
    ]);
  });
});

describe('a dispatch rule for another number', () => {
  const actions = (fields: object) => explainDial(DROPPED, withRule(fields)).fixes.map(({ action }) => action);
  it('gets the called number added', () => {
    assert.deepEqual(actions({ numbers: ['+15550142'] }), [
      'Add +15550100, in exactly this format, to numbers of SDR_1.',
    ]);
  });
  it('gets another form of the called number replaced', () => {
    assert.deepEqual(actions({ numbers: ['15550100'] }), [
      'Write +15550100 instead of 15550100 in numbers of SDR_1.',
      'Dial 15550100, the format in SDR_1, instead of +15550100.',
    ]);
  });
  it('can’t be dialled with spaces, or with a + in front of a 0 through a carrier', () => {
    assert.deepEqual(actions({ numbers: ['+1 5550100'] }), [
      'Write +15550100 instead of +1 5550100 in numbers of SDR_1.',
    ]);
    const number = '+05550100';
    const livekit = { inbound_trunks: [trunk({ numbers: [number] })], dispatch_rules: [rule({ numbers: [number] })] };
    const byCarrier: Dial = { to: number, response: [404, 'No trunk found', 230] };
    assert.deepEqual(
      explainDial(byCarrier, { livekit }).fixes.map(({ action }) => action),
      ['Write 05550100 instead of +05550100 in numbers of SDR_1. No caller could reach +05550100 any more.'],
    );
  });
});
