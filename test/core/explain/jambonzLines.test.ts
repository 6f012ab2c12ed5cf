import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { jambonzMessages } from '../../../src/core/explain/ladder/jambonzMessages.ts';
import { eventOf } from '../running.ts';
import { aLeg, B_LEG, bLeg, dialHook, type Webhook } from '../scenario.ts';

describe('a Jambonz webhook in the ladder', () => {
  const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [] });
  const last = (...webhooks: Webhook[]) => {
    const messages = jambonzMessages(
      SITE,
      webhooks.map((webhook) => eventOf(webhook)),
      () => undefined,
    );
    const { from, to, label, kind, detail, isInferred } = messages.at(-1) ?? assert.fail();
    return { from, to, label, kind, detail, isInferred };
  };
  const own = { from: 'jambonz', to: 'jambonz', detail: undefined, isInferred: false };
  const toCaller = { ...own, to: 'carrier', kind: 'failure' };

  for (const [what, webhook, wanted] of [
    ['a queued leg', bLeg(0, 182, 'Queued', 'queued'), { ...own, label: 'queued', kind: 'event' }],
    [
      'a leg that rings',
      bLeg(0, 180, 'Ringing', 'ringing'),
      { ...own, from: 'livekit', label: '180 Ringing', kind: 'provisional' },
    ],
    [
      'a leg with early media',
      bLeg(0, 183, 'Session Progress', 'early-media'),
      { ...own, from: 'livekit', label: '183 Session Progress', kind: 'provisional' },
    ],
    [
      'a leg that was answered',
      bLeg(0, 200, 'OK', 'in-progress'),
      { ...own, from: 'livekit', label: '200 OK', kind: 'success' },
    ],
    [
      'a leg that was busy',
      bLeg(0, 486, 'Busy Here', 'busy'),
      { ...own, from: 'livekit', label: '486 Busy Here', kind: 'failure' },
    ],
    ['an unknown state', bLeg(0, 100, 'Trying', 'odd'), { ...own, label: '100 Trying', kind: 'event' }],
    [
      'a caller that was refused',
      aLeg(0, 503, 'Service Unavailable', 'failed'),
      { ...toCaller, label: '503 Service Unavailable' },
    ],
    [
      'a caller that hung up, by the status',
      aLeg(0, 487, 'Request Terminated', 'no-answer'),
      { ...toCaller, label: '487 Request Terminated', detail: 'the caller hung up' },
    ],
    [
      'a caller that hung up, by Jambonz’s word',
      aLeg(0, 480, 'Gone', 'failed', { call_termination_by: 'caller' }),
      { ...toCaller, label: '480 Gone', detail: 'the caller hung up' },
    ],
    [
      'a BYE of the caller’s',
      aLeg(0, 200, 'OK', 'completed', { call_termination_by: 'caller' }),
      { ...own, from: 'carrier', label: 'BYE', kind: 'request', detail: 'the caller hung up', isInferred: true },
    ],
    [
      'a BYE of Jambonz’s',
      aLeg(0, 200, 'OK', 'completed', { call_termination_by: 'jambonz' }),
      { ...own, to: 'carrier', label: 'BYE', kind: 'request', detail: 'Jambonz hung up', isInferred: true },
    ],
    ['the end of a leg', aLeg(0, 200, 'OK', 'completed'), { ...own, label: 'leg ended', kind: 'event' }],
    [
      'the end of a dialled leg, whoever ended it',
      bLeg(0, 200, 'OK', 'completed', { call_termination_by: 'jambonz' }),
      { ...own, label: 'leg ended', kind: 'event' },
    ],
    [
      'the same of the caller',
      bLeg(0, 200, 'OK', 'completed', { call_termination_by: 'caller' }),
      { ...own, label: 'leg ended', kind: 'event' },
    ],
  ] as const) {
    it(`shows ${what}`, () => assert.deepEqual(last(webhook), wanted));
  }

  const labels = (...webhooks: Webhook[]) =>
    jambonzMessages(
      SITE,
      webhooks.map((webhook) => eventOf(webhook)),
      () => undefined,
    ).map(({ label }) => label);
  const hook = (dial_sip_status: number | undefined) =>
    dialHook(900, 0, 'failed', { dial_sip_status, dial_call_sid: B_LEG });
  const ringing = bLeg(0, 180, 'Ringing', 'ringing');

  it('shows a CANCEL at the end of a dial only for a leg that is not known to be over', () => {
    for (const [webhooks, wanted] of [
      [
        [ringing, hook(180)],
        ['INVITE', '180 Ringing', 'CANCEL', 'dial ended'],
      ],
      [
        [ringing, hook(199)],
        ['INVITE', '180 Ringing', 'CANCEL', 'dial ended'],
      ],
      [
        [ringing, hook(undefined)],
        ['INVITE', '180 Ringing', 'CANCEL', 'dial ended'],
      ],
      [
        [ringing, hook(200)],
        ['INVITE', '180 Ringing', 'dial ended'],
      ],
      [
        [bLeg(0, 486, 'Busy Here', 'busy'), hook(180)],
        ['INVITE', '486 Busy Here', 'dial ended'],
      ],
      [
        [bLeg(0, 200, 'OK', 'in-progress'), hook(undefined)],
        ['INVITE', '200 OK', 'dial ended'],
      ],
      [
        [ringing, bLeg(10, 182, 'Queued', 'queued'), hook(180)],
        ['INVITE', '180 Ringing', 'queued', 'CANCEL', 'dial ended'],
      ],
      [
        [bLeg(0, 100, 'Trying', 'odd'), hook(180)],
        ['INVITE', '100 Trying', 'CANCEL', 'dial ended'],
      ],
      [
        [bLeg(0, 200, 'OK', 'completed'), hook(180)],
        ['INVITE', 'leg ended', 'dial ended'],
      ],
      [[hook(180)], ['dial ended']],
    ] as const) {
      assert.deepEqual(labels(...webhooks), wanted);
    }
  });

  it('shows the INVITE of each leg once', () => {
    const other = bLeg(10, 180, 'Ringing', 'ringing', { call_sid: 'other' });
    assert.deepEqual(labels(ringing, ringing, other), [
      'INVITE',
      '180 Ringing',
      '180 Ringing',
      'INVITE',
      '180 Ringing',
    ]);
  });

  it('shows from whom and to whom an INVITE was, as far as that is known', () => {
    const invite = (more: object) =>
      jambonzMessages(SITE, [eventOf(bLeg(0, 100, 'Trying', 'trying', more))], () => undefined)[0]?.detail;
    assert.equal(invite({ from: 'a', to: 'b' }), 'from a to b');
    assert.equal(invite({ from: undefined, to: 'b' }), 'to b');
    assert.equal(invite({ from: 'a', to: undefined }), 'from a');
    assert.equal(invite({ from: undefined, to: undefined }), undefined);
  });
});
