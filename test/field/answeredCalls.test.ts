import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Explanation } from '../../src/core/explain/explanation.ts';
import { parseCase, replay } from '../../src/core/replay/replay.ts';
import { caller } from '../core/livekitScenario.ts';
import {
  A_LEG_ANSWERED,
  aLeg,
  bLeg,
  dialHook,
  explainOnly,
  FITTING,
  rule,
  trunk,
  type Webhook,
} from '../core/scenario.ts';

function told({ outcome, cause, summary, unknowns }: Explanation) {
  assert.deepEqual([outcome, cause], ['connected', null]);
  return { summary, unknowns: unknowns.join('\n') };
}

describe('a public report of an answered call', () => {
  const caseOf = (file: string): Explanation => {
    const text = readFileSync(new URL(`./cases/${file}.jsonl`, import.meta.url), 'utf8');
    return replay(parseCase(JSON.parse(text))).calls[0] ?? assert.fail();
  };

  it('issue: LiveKit hung up for want of audio', () => {
    const { summary, unknowns } = told(caseOf('13-answered-then-media-timeout'));
    assert.equal(summary, 'The call connected. It ended 5.0 s after the answer, and the caller had not hung up.');
    assert.match(unknowns, /Without audio \(RTP\).*30 s after the answer or 15 s after the last packet/);
    assert.match(unknowns, /UDP ports.*use_external_ip/);
    assert.match(unknowns, /at max_call_duration and after an accepted transfer; Jambonz/);
  });

  it('issue: a transfer without referHook', () => {
    const { unknowns } = told(caseOf('24-transfer-without-refer-hook'));
    assert.match(unknowns, /Without a referHook in the dial verb Jambonz refuses a transfer with 501/);
  });
});

const TO = 'sip:+15550100@lab.sip.livekit.cloud';
const sbc_callid = 'b-leg@192.0.2.10';
const ANSWER = [
  ...A_LEG_ANSWERED,
  bLeg(160, 100, 'Trying', 'trying'),
  bLeg(1_000, 200, 'OK', 'in-progress', { sbc_callid }),
];
const ended = (at: number, more: object = {}) => bLeg(at, 200, 'OK', 'completed', { sbc_callid, ...more });
/** LiveKit, or Jambonz's time limit, ends the call after 12.5 s, and the application hangs up on the caller. */
const ENDED: readonly Webhook[] = [
  ...ANSWER,
  ended(13_500),
  dialHook(13_510, 200, 'completed'),
  aLeg(13_900, 200, 'OK', 'completed', { call_termination_by: 'jambonz' }),
];
const left = (disconnectReason?: string): Webhook[] => [
  caller(300, 'participant_joined'),
  caller(13_490, 'participant_left', {}, disconnectReason === undefined ? {} : { disconnectReason }),
];
const connected = (...words: string[]) => ['The call connected.', ...words].join(' ');
const ENDED_WORDS = 'It ended 12.5 s after the answer, and the caller had not hung up';

/** What is said in the summary, and what of the unknown. `false`: nothing. */
const ROWS: readonly (readonly [string, readonly Webhook[], string, RegExp | false])[] = [
  ['a call that is still going on', ANSWER, connected(), false],
  [
    'no LiveKit webhooks',
    ENDED,
    connected(`${ENDED_WORDS}.`),
    /at max_call_duration, if the room is deleted, and after an accepted transfer; Jambonz/,
  ],
  [
    'a reason that is none',
    [...ENDED, ...left('CLIENT_INITIATED')],
    connected(`${ENDED_WORDS}.`),
    /max_call_duration and after an accepted transfer; Jambonz hangs up at the dial’s timeLimit/,
  ],
  ['no reason', [...ENDED, ...left()], connected(`${ENDED_WORDS}.`), /if the room is deleted/],
  ['a deleted room', [...ENDED, ...left('ROOM_DELETED')], connected(`${ENDED_WORDS}: the room was deleted.`), false],
  [
    'a caller removed through the API',
    [...ENDED, ...left('PARTICIPANT_REMOVED')],
    connected(`${ENDED_WORDS}: the caller was removed from the room.`),
    false,
  ],
  [
    'a reason that is the name of a method',
    [...ENDED, ...left('toString')],
    connected(`${ENDED_WORDS}.`),
    /Why the call ended/,
  ],
  [
    'a caller who hung up',
    [
      ...ANSWER,
      ended(13_500),
      aLeg(13_505, 200, 'OK', 'completed', { call_termination_by: 'caller' }),
      dialHook(13_510, 200, 'completed', { call_status: 'completed' }),
    ],
    connected('The caller hung up 12.5 s after the answer.'),
    /^Whether the agent was there until the end: only LiveKit’s webhooks say so/,
  ],
  [
    'a caller who hung up, whereupon the room was deleted',
    [
      ...ANSWER,
      ended(13_500),
      aLeg(13_505, 200, 'OK', 'completed', { call_termination_by: 'caller' }),
      dialHook(13_510, 200, 'completed', { call_status: 'completed' }),
      caller(300, 'participant_joined'),
      caller(13_600, 'participant_left', {}, { disconnectReason: 'ROOM_DELETED' }),
    ],
    connected('The caller hung up 12.5 s after the answer.'),
    false,
  ],
  [
    'a room that was deleted 78 s before the caller hung up',
    [
      ...ANSWER,
      ended(91_490),
      aLeg(91_495, 200, 'OK', 'completed', { call_termination_by: 'caller' }),
      dialHook(91_500, 200, 'completed', { call_status: 'completed' }),
      ...left('ROOM_DELETED'),
    ],
    connected(
      'LiveKit ended its side 12.5 s after the answer (the room was deleted), but the leg went on for 78.0 s: LiveKit’s BYE seems not to have arrived.',
      'The caller hung up 90.5 s after the answer.',
    ),
    /^Where LiveKit’s BYE was lost: .*Contact/,
  ],
  [
    'a caller whom LiveKit moved to another node 2 s before the room was deleted',
    [
      ...ENDED,
      ...left('ROOM_DELETED').map((sent) => ({ ...sent, body: (sent.body ?? '').replace('PA_sip', 'PA_back') })),
      caller(290, 'participant_joined'),
      caller(11_490, 'participant_left', {}, { disconnectReason: 'MIGRATION' }),
    ],
    connected(`${ENDED_WORDS}: the room was deleted.`),
    /^Whether a move ended the call: 2\.0 s before/,
  ],
  [
    'no dial hook',
    ENDED.filter(({ path }) => path !== '/jambonz/dial-action'),
    connected(`${ENDED_WORDS}.`),
    /^Why the call ended/,
  ],
  [
    'a leg that is not to LiveKit',
    ENDED.map((sent) => ({ ...sent, body: (sent.body ?? '').replaceAll(TO, '+15550177') })),
    connected(),
    false,
  ],
];

describe('an answered call with', () => {
  for (const [what, webhooks, summary, unknown] of ROWS) {
    it(what, () => {
      const got = told(explainOnly(webhooks, { livekit: FITTING }));
      assert.equal(got.summary, summary);
      if (unknown) assert.match(got.unknowns, unknown);
      else assert.equal(got.unknowns, '');
    });
  }

  it('a media_timeout of the trunk’s own', () => {
    const livekit = {
      inbound_trunks: [trunk({ media: { media_timeout: '12s' } })],
      dispatch_rules: [rule()],
    };
    const { outcome, cause, confidence } = explainOnly(ENDED, { livekit });
    assert.deepEqual([outcome, cause, confidence], ['dropped', 'media_timeout', 'possible']);
    const sooner = { ...livekit, inbound_trunks: [trunk({ media: { media_timeout: '14s' } })] };
    assert.match(told(explainOnly(ENDED, { livekit: sooner })).unknowns, /hangs up, here after 14 s \(media_timeout\)/);
  });
});
