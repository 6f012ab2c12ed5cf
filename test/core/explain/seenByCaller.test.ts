import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explain } from '../../../src/core/explain/explanation.ts';
import { toText } from '../../../src/core/explain/explanationText.ts';
import {
  A_LEG_ANSWERED,
  aLeg,
  bLeg,
  dialHook,
  everySecond,
  explainDial,
  explainOnly,
  FITTING,
  LIVEKIT_URI,
  recordDial,
  restLeg,
  type Webhook,
  webhooksOf,
  withoutLeg,
  withoutRinging,
} from '../scenario.ts';

const setting = { livekit: FITTING };
// scenario.ts: the A leg is answered at 0.04 s, and the B leg's INVITE is at 0.16 s.

describe('what the caller had', () => {
  test('on an answered leg is silence or what the application plays, until the dial gave up', () => {
    const explanation = explainDial({ ringing: [90], dialGaveUpAt: 20_000 }, setting);
    assert.deepEqual(explanation.seen_by_caller, {
      kind: 'silence_or_ring_back',
      seconds: 20,
      far_end_ringings: 1,
      first_ringing_after_seconds: 0.09,
      text: 'For 20.0 s, until this attempt ended, the caller heard silence or whatever the application played: their leg was already answered, and the webhooks don’t say which. The far end signalled ringing once, first after 0.1 s.',
    });
    assert.ok(toText(explanation).includes(explanation.seen_by_caller.text));
  });

  test('lasted until the caller hung up, where that came first', () => {
    const { kind, seconds } = explainDial({ ringing: [90], callerHungUpAt: 8_000 }, setting).seen_by_caller;
    assert.deepEqual([kind, seconds], ['silence_or_ring_back', 8]);
  });

  test('lasted until the answer of a call that connected', () => {
    const { seen_by_caller } = explainDial({ ringing: everySecond(90, 2_090), response: [200, 'OK', 2_500] }, setting);
    const { kind, seconds, far_end_ringings } = seen_by_caller;
    assert.deepEqual([kind, seconds, far_end_ringings], ['silence_or_ring_back', 2.5, 3]);
    assert.match(seen_by_caller.text, /^For 2\.5 s, until this attempt was answered/);
  });

  test('counts from the answer of their leg where that came during the dial', () => {
    const { kind, seconds } = explainOnly(
      [
        aLeg(0, 100, 'Trying', 'trying'),
        bLeg(100, 100, 'Trying', 'trying'),
        aLeg(1_100, 200, 'OK', 'in-progress'),
        bLeg(6_100, 503, 'Try again later', 'failed'),
        dialHook(6_110, 503, 'failed'),
      ],
      setting,
    ).seen_by_caller;
    assert.deepEqual([kind, seconds], ['silence_or_ring_back', 5]);
  });

  test('is ringing where that was signalled on their unanswered leg, from then on', () => {
    const { kind, seconds } = explainOnly(
      [
        aLeg(0, 100, 'Trying', 'trying'),
        bLeg(100, 100, 'Trying', 'trying'),
        bLeg(200, 180, 'Ringing', 'ringing'),
        aLeg(210, 180, 'Ringing', 'ringing'),
        bLeg(4_210, 200, 'OK', 'in-progress'),
        aLeg(4_220, 200, 'OK', 'in-progress'),
      ],
      setting,
    ).seen_by_caller;
    assert.deepEqual([kind, seconds], ['ringing', 4]);
  });

  test('is nothing but waiting where nothing was reported on their unanswered leg', () => {
    const { kind, seconds, far_end_ringings, first_ringing_after_seconds, text } = explainOnly(
      [
        aLeg(0, 100, 'Trying', 'trying'),
        bLeg(100, 100, 'Trying', 'trying'),
        bLeg(32_150, 408, 'Request Timeout', 'failed'),
        aLeg(32_160, 480, 'Temporarily Unavailable', 'failed'),
      ],
      setting,
    ).seen_by_caller;
    assert.deepEqual([kind, seconds, far_end_ringings], ['waiting', 32.05, 0]);
    assert.equal(first_ringing_after_seconds, null);
    assert.match(text, /no ringing was reported on their leg\. The far end signalled no ringing\.$/);
  });

  for (const [what, ending, wanted] of [
    [
      'is still unanswered',
      [],
      /Their leg was then still unanswered\. The dial hook’s answer can end .* sip:decline; hangup/,
    ],
    [
      'hung on for 44.7 s',
      [aLeg(45_000, 487, 'Request Terminated', 'no-answer')],
      /stayed unanswered for 44\.7 s more\./,
    ],
    ['ended with the dial', [aLeg(2_300, 487, 'Request Terminated', 'no-answer')], /signalled no ringing\.$/],
    ['ended 2.1 s later', [aLeg(2_430, 487, 'Request Terminated', 'no-answer')], /unanswered for 2\.1 s more\./],
    ['was answered', [aLeg(2_000, 200, 'OK', 'in-progress'), aLeg(9_000, 200, 'OK', 'completed')], /no ringing\.$/],
  ] as const) {
    test(`says of an unanswered leg that it ${what}`, () => {
      const { text } = explainOnly(
        [
          aLeg(0, 100, 'Trying', 'trying'),
          bLeg(100, 100, 'Trying', 'trying'),
          bLeg(330, 407, 'Unauthorized', 'failed'),
          dialHook(340, 407, 'failed', { sip_status: 100, sip_reason: 'Trying', call_status: 'trying' }),
          ...ending,
        ],
        setting,
      ).seen_by_caller;
      assert.match(text, wanted);
    });
  }

  for (const [what, ending, seconds, wanted] of [
    ['has no end yet', [], 0.3, /was then still unanswered\. .* sip:decline; hangup does nothing\.$/],
    [
      'hung on',
      [aLeg(30_340, 487, 'Request Terminated', 'no-answer')],
      0.3,
      /unanswered for 30\.0 s more\. .*sip:decline/,
    ],
    ['ended with the dial', [aLeg(700, 480, 'Temporarily Unavailable', 'failed')], 0.3, /on their leg\.$/],
  ] as const) {
    test(`says of an unanswered leg that it ${what}, where the dial made no leg`, () => {
      const got = explainOnly(
        [
          aLeg(40, 100, 'Trying', 'trying'),
          dialHook(340, 480, 'failed', {
            dial_call_sid: undefined,
            sip_status: 100,
            sip_reason: 'Trying',
            call_status: 'trying',
          }),
          ...ending,
        ],
        setting,
      ).seen_by_caller;
      assert.equal(got.seconds, seconds);
      assert.match(got.text, wanted);
    });
  }

  test('names the waits that were slow, if any', () => {
    const record = recordDial({ ringing: [6_000], response: [200, 'OK', 9_000] }, setting);
    const textOf = (slow: NonNullable<typeof record.slow>) => explain({ ...record, slow }).seen_by_caller.text;
    const text = explain(record).seen_by_caller.text;
    assert.match(text, /first after 6\.0 s\.$/);
    const [ringing, answer] = [
      { seconds: 6, usualSeconds: 0.52 },
      { seconds: 9, usualSeconds: 2 },
    ];
    const [rings, answers] = [
      'Slow to ring: after 6.0 s, usually 0.5 s on this trunk.',
      'Slow to be answered: after 9.0 s, usually 2.0 s on this trunk.',
    ];
    assert.equal(textOf({}), text);
    assert.equal(textOf({ ringing }), `${text} ${rings}`);
    assert.equal(textOf({ answer }), `${text} ${answers}`);
    assert.equal(textOf({ ringing, answer }), `${text} ${rings} ${answers}`);
  });

  // Whatever stopped the call, the caller's leg needs an end.
  for (const [cause, uri, ...webhooks] of [
    ['dns_failure', LIVEKIT_URI, bLeg(330, 503, 'DNS Error', 'failed'), [503, 'failed']],
    ['media_negotiation_failed', LIVEKIT_URI, bLeg(330, 400, 'Bad Request', 'failed'), [400, 'failed']],
    ['jambonz_capacity', LIVEKIT_URI, bLeg(330, 503, 'Maximum Calls In Progress', 'failed'), [503, 'failed']],
    ['livekit_room_closed', LIVEKIT_URI, bLeg(330, 486, 'Rejected', 'busy'), [486, 'busy']],
    ['callee_busy', '+15550177', bLeg(330, 486, 'Busy Here', 'busy'), [486, 'busy']],
    ['agent_not_joined', LIVEKIT_URI, undefined, [180, 'ringing']],
  ] as const) {
    test(`says how to end an unanswered leg after ${cause}`, () => {
      const [end, [status, callStatus]] = webhooks;
      const rings = everySecond(110, 9_110).map((at) => bLeg(at, 180, 'Ringing', 'ringing'));
      const began = bLeg(100, 100, 'Trying', 'trying');
      const hookAt = end ? 340 : 9_500;
      const dialled = [began, ...(end ? [...(cause.startsWith('media') ? rings.slice(0, 1) : []), end] : rings)];
      const to = (sent: Webhook) => ({ ...sent, body: (sent.body ?? '').replaceAll(LIVEKIT_URI, uri) });
      const unanswered = { sip_status: 100, sip_reason: 'Trying', call_status: 'trying' };
      const got = explainOnly(
        [
          aLeg(0, 100, 'Trying', 'trying'),
          ...dialled.map(to),
          dialHook(hookAt, status, callStatus, unanswered),
          aLeg(hookAt + 30_000, 487, 'Request Terminated', 'no-answer', { call_termination_by: 'caller' }),
        ],
        setting,
      );
      assert.equal(got.cause, cause);
      assert.match(got.seen_by_caller.text, /stayed unanswered for 30\.0 s more\. .*sip:decline/);
    });
  }

  test('is told of the caller’s own leg where nothing was dialled', () => {
    const { kind, seconds, far_end_ringings } = explainOnly([
      aLeg(0, 100, 'Trying', 'trying'),
      aLeg(30, 503, 'Maximum Calls In Progress', 'failed'),
    ]).seen_by_caller;
    assert.deepEqual([kind, seconds, far_end_ringings], ['waiting', 0.03, null]);
  });

  test('is nobody’s where Jambonz made the call by itself', () => {
    const { kind, seconds } = explainOnly(
      [restLeg(0, 100, 'Trying', 'trying'), restLeg(400, 503, 'Try again later', 'failed')],
      setting,
    ).seen_by_caller;
    assert.deepEqual([kind, seconds], ['none', null]);
  });

  test('is not known where no webhook of their leg, of the dialled leg or of the end came', () => {
    const isOfALeg = ({ path, body = '' }: { path: string; body?: string }) =>
      path.endsWith('dial-action') || !body.includes('parent_call_sid');
    const dial = { ringing: [90], response: [503, 'Try again later', 230] } as const;
    const orphan = explainOnly(
      webhooksOf(dial).filter((webhook) => !isOfALeg(webhook)),
      setting,
    );
    assert.deepEqual([orphan.seen_by_caller.kind, orphan.seen_by_caller.seconds], ['unknown', null]);
    assert.match(orphan.seen_by_caller.text, /no webhook reported the caller’s leg\.$/);
    const hooked = explainOnly(withoutLeg(dial), setting).seen_by_caller;
    assert.deepEqual([hooked.kind, hooked.seconds], ['unknown', null]);
    const endless = explainOnly([...A_LEG_ANSWERED, bLeg(160, 100, 'Trying', 'trying')], setting).seen_by_caller;
    assert.deepEqual([endless.kind, endless.seconds], ['unknown', null]);
  });

  test('has no count of ringings whose webhooks are lost', () => {
    const lost = withoutRinging({ ringing: [90], response: [400, 'Bad Request', 230] });
    const { far_end_ringings, text } = explainOnly(lost, setting).seen_by_caller;
    assert.equal(far_end_ringings, null);
    assert.match(text, /How often the far end signalled ringing is unknown\.$/);
  });
});
