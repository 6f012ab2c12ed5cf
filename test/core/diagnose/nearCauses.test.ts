import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ExampleCall, ExampleConfiguration, ExampleSettings } from '../../../src/core/diagnose/causeExample.ts';
import { weigh } from '../../../src/core/diagnose/diagnose.ts';
import { explainExample } from '../examples.ts';
import {
  ADMITTED,
  ASKED,
  actions,
  evidence,
  explained,
  NO_SBC,
  OTHER,
  PASSWORD,
  SILENCE,
  TWO_TRUNKS,
} from './explainedCall.ts';
import { factsOf } from './gatheredFacts.ts';

describe('a cause that is near', () => {
  for (const [what, call, livekit, cause, confidence, settings] of [
    [
      'a 503 of another phrase with two matching trunks',
      [503, 'Come back tomorrow', 230],
      { trunks: TWO_TRUNKS },
      'trunk_conflict',
      'likely',
    ],
    [
      'a 503 with two matching rules',
      [503, 'Try again later', 230],
      { rules: [{}, {}] },
      'dispatch_rule_conflict',
      'certain',
    ],
    [
      'a 503 of another phrase with two matching rules',
      [503, 'Come back tomorrow', 230],
      { rules: [{}, {}] },
      'dispatch_rule_conflict',
      'likely',
    ],
    [
      'a 503 with two matching rules behind a password',
      [503, 'Try again later', 230],
      { trunks: [PASSWORD], rules: [{}, {}] },
      'dispatch_rule_conflict',
      'likely',
    ],
    [
      'a 503 with two trunks, one of which may not match',
      [503, 'Try again later', 230],
      { trunks: [{ allowed_addresses: ['192.0.2.1'] }, {}] },
      'trunk_conflict',
      'likely',
      NO_SBC,
    ],
    ['a 606', [606, 'Not Acceptable', 230], {}, 'media_negotiation_failed', 'likely'],
    [
      'a 407 of a trunk with a password but no username',
      [407, 'Unauthorized', 230],
      { trunks: [{ auth_password: 'secret' }] },
      'auth_missing',
      'likely',
    ],
  ] as const) {
    it(`${what}: ${cause}, ${confidence}`, () => {
      const got = explained({ response: call }, livekit, settings);
      assert.deepEqual([got.cause, got.confidence], [cause, confidence]);
    });
  }

  it('is no outage of LiveKit on a wrong host whose configuration is unknown', () => {
    const again: ExampleCall = {
      to: 'sip:+15550100@aaaaaaaaaaa.sip.livekit.cloud',
      response: [503, 'Try again later', 230],
    };
    const { blocking, alternatives } = explainExample({
      shows: '',
      call: again,
      settings: { livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' },
      want: { blocking: [], confidence: null },
    });
    assert.deepEqual(blocking, ['sip_host_wrong']);
    assert.ok(alternatives.includes('livekit_unavailable'));
  });

  it('of a leg whose dial was answered elsewhere is that', () => {
    const facts = { ...factsOf({ to: '+15550199', ringing: [90], dialGaveUpAt: 20_000 }), lostToSibling: true };
    const [only, ...more] = weigh(facts).blocking;
    assert.deepEqual([only?.cause.id, more], ['callee_no_answer', []]);
  });

  for (const [elapsedMs, isSilent] of [
    [4_999, false],
    [5_000, true],
  ] as const) {
    it(`is ${isSilent ? 'a' : 'no'} silent LiveKit after ${elapsedMs} ms without ringing`, () => {
      const facts = factsOf({ dialGaveUpAt: elapsedMs }, { settings: { deployment: 'self_hosted' } });
      assert.equal(
        weigh(facts).blocking.some(({ cause }) => cause.id === 'sip_timeout'),
        isSilent,
      );
    });
  }

  it('is no silent LiveKit if another leg of the dial was answered', () => {
    const silent = factsOf({ dialGaveUpAt: 20_000 }, { settings: { deployment: 'self_hosted' } });
    const weighed = (lostToSibling: boolean) => {
      const { blocking, alternatives } = weigh({ ...silent, lostToSibling });
      return [blocking, alternatives].map((ranked) => ranked.some(({ cause }) => cause.id === 'sip_timeout'));
    };
    assert.deepEqual(weighed(false), [true, false]);
    assert.deepEqual(weighed(true), [false, true]);
  });

  it('of a leg to a carrier is never one of LiveKit’s', () => {
    for (const [status, phrase] of [
      [401, 'Unauthorized'],
      [407, 'Proxy Authentication Required'],
    ] as const) {
      const { blocking, latent } = explained({ to: '+15550199', response: [status, phrase, 230] }, {});
      assert.deepEqual([blocking, latent], [['carrier_rejected'], []]);
    }
  });

  it('is not the credentials for certain if the dial verb says that they were sent', () => {
    const tag = { sipwhy: { auth_username: 'livekit_client' } };
    const { cause, confidence } = explained({ ...ASKED, tag }, { trunks: [PASSWORD] });
    assert.deepEqual([cause, confidence], ['auth_missing', 'likely']);
    assert.equal(
      explained({ ...ASKED, tag: { sipwhy: { auth_username: false } } }, { trunks: [PASSWORD] }).confidence,
      'certain',
    );
  });

  it('is not another username if none was sent', () => {
    const { blocking } = explained(
      { ...ASKED, tag: { sipwhy: { auth_username: 'somebody' } } },
      { trunks: [PASSWORD] },
    );
    assert.deepEqual(blocking, ['auth_missing']);
  });

  it('is a list of the trunk’s own numbers, which admits no caller', () => {
    const livekit = { trunks: [{ allowed_numbers: ['+15550100'] }] };
    assert.deepEqual(evidence(SILENCE, livekit, 'allowed_numbers'), [
      'contains only the trunk’s own numbers, so no outside caller passes',
    ]);
    assert.deepEqual(evidence(SILENCE, { trunks: [{ allowed_numbers: ['+15550100', OTHER] }] }, 'allowed_numbers'), []);
  });

  it('is not the room for certain if only numbers and time join LiveKit’s report', () => {
    const room = { callerJoined: 120, roomDeleted: 880 };
    const closed = (more: ExampleCall) => explained({ ...more, response: [486, 'Rejected', 900], room }, {});
    const [byCallId, byNumbers] = [closed({ ringing: [90] }), closed({})];
    assert.deepEqual([byCallId.cause, byCallId.confidence], ['livekit_room_closed', 'certain']);
    assert.deepEqual([byNumbers.cause, byNumbers.confidence], ['livekit_room_closed', 'likely']);
  });

  it('is the caller’s impatience, if LiveKit’s report is all that shows that it let the call in', () => {
    for (const room of [{ callerJoined: 120 }, { callerJoined: 120, agentJoined: 740 }]) {
      const { blocking, alternatives } = explained({ callerHungUpAt: 5_000, room }, {});
      const agent = 'agentJoined' in room ? 'agent_not_publishing' : 'agent_not_joined';
      assert.deepEqual([blocking, alternatives], [['caller_abandoned'], [agent]]);
    }
  });
});

describe('a next blocker', () => {
  const latent = (call: ExampleCall, livekit: ExampleConfiguration, settings?: ExampleSettings) =>
    explained(call, livekit, settings).latent;

  it('is no fault that LiveKit let the call pass', () => {
    const barred = { trunks: [{ allowed_numbers: [OTHER] }] };
    const elsewhere = { trunks: [{ allowed_addresses: ['198.51.100.7'] }] };
    for (const call of [ADMITTED, ASKED]) {
      assert.deepEqual(latent(call, { trunks: TWO_TRUNKS }), []);
      assert.deepEqual(latent({ ...call, lost: 'caller' }, barred), []);
      assert.deepEqual(latent(call, elsewhere, NO_SBC), []);
    }
  });

  it('is what may hide in an unknown field', () => {
    const early: ExampleCall = { response: [503, 'Maximum Calls In Progress', 30] };
    assert.deepEqual(latent({ ...early, lost: 'caller' }, { trunks: [{ allowed_numbers: [OTHER] }] }), [
      'caller_not_allowed',
    ]);
    assert.deepEqual(latent(early, { trunks: [{ allowed_addresses: ['198.51.100.7'] }] }, NO_SBC), [
      'source_address_not_allowed',
    ]);
    assert.deepEqual(latent(early, { trunks: [PASSWORD] }), ['auth_missing']);
  });
});

describe('a silent resolver', () => {
  for (const [after, isSilent] of [
    [59_999, false],
    [60_000, true],
  ] as const) {
    it(`is ${isSilent ? '' : 'not '}what a "DNS Error" after ${after} ms shows`, () => {
      const [action = ''] = actions({ response: [503, 'DNS Error', after] }, {});
      assert.equal(action.startsWith('Fix the SBC’s resolver'), isSilent);
    });
  }
});

describe('a caller who hung up without ringing', () => {
  // The end is the dial hook's, 10 ms after the caller hung up.
  for (const [after, isCause] of [
    [9_989, true],
    [9_990, false],
  ] as const) {
    it(`after ${after} ms ${isCause ? 'was impatient' : 'may have had enough'}`, () => {
      const { blocking } = explained({ callerHungUpAt: after }, {});
      assert.equal(blocking.includes('caller_abandoned'), isCause);
    });
  }
});
