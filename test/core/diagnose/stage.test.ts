import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gatherFacts, type LiveKitStage } from '../../../src/core/diagnose/facts/facts.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { EPOCH_MS } from '../running.ts';
import { type Dial, LIVEKIT_URI, SBC, webhooksOf } from '../scenario.ts';
import { attemptOf } from './attemptOf.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [SBC] });

function factsOf(dial: Dial) {
  return gatherFacts(SITE, { attempt: attemptOf(webhooksOf(dial)), settledAt: EPOCH_MS + 60_000 }, undefined);
}

const ONCE = { ringing: [90] };
const TWICE = { ringing: [90, 1_090] };

describe('how far LiveKit let a call in', () => {
  const rows: [what: string, dial: Dial, stage: LiveKitStage][] = [
    ['an answer', { response: [200, 'OK', 900] }, 'admitted'],
    ['a second 180, before any final response', { ...TWICE, response: [503, 'Try again later', 1_200] }, 'admitted'],
    ['a second 180 before the caller hung up', { ...TWICE, callerHungUpAt: 1_200 }, 'admitted'],
    ['one 180 and 2 s of silence', { ...ONCE, dialGaveUpAt: 2_090 }, 'refused'],
    ['one 180 and less than 2 s of silence', { ...ONCE, dialGaveUpAt: 2_089 }, 'unknown'],
    ['no 180 at all', { callerHungUpAt: 20_000 }, 'unknown'],
    ['a 401', { response: [401, 'Unauthorized', 200] }, 'auth'],
    ['a 407', { response: [407, 'Unauthorized', 200] }, 'auth'],
    ['a 404', { response: [404, 'No trunk found', 200] }, 'refused'],
    ['a 408 after one 180 and 2 s', { ...ONCE, response: [408, 'Request Timeout', 2_090] }, 'refused'],
    ['a 408 sooner after it', { ...ONCE, response: [408, 'Request Timeout', 2_089] }, 'unknown'],
    ['a 408 without a 180', { response: [408, 'Request Timeout', 32_000] }, 'unknown'],
    ['a 486', { response: [486, 'Rejected', 200] }, 'admitted'],
    ['a 400 after one 180', { ...ONCE, response: [400, 'Bad Request', 200] }, 'admitted'],
    ['a 400 without a 180', { response: [400, 'Bad Request', 200] }, 'unknown'],
    ['a 488 after one 180', { ...ONCE, response: [488, 'Not Acceptable Here', 200] }, 'admitted'],
    ['a 488 without a 180', { response: [488, 'Not Acceptable Here', 200] }, 'unknown'],
    ['a 500 after one 180', { ...ONCE, response: [500, 'Server Internal Error', 200] }, 'admitted'],
    ['a 500 without a 180', { response: [500, 'Server Internal Error', 200] }, 'unknown'],
    ['a 500 with the phrase of the 180', { ...ONCE, response: [500, 'Ringing', 200] }, 'unknown'],
    ['a 503', { ...ONCE, response: [503, 'Try again later', 200] }, 'unknown'],
  ];
  for (const [what, dial, stage] of rows) {
    it(`${what}: ${stage}`, () => assert.equal(factsOf(dial).stage, stage));
  }

  it('does not apply to a leg to a carrier', () => {
    assert.equal(factsOf({ to: '+15550199', response: [404, 'Not Found', 200] }).stage, undefined);
  });

  it('does not follow from silence without a reported end', () => {
    const facts = factsOf(ONCE);
    assert.deepEqual([facts.stage, facts.progress.endReported], ['unknown', false]);
  });
});

describe('whom a leg was for', () => {
  for (const [to, kind, isNumber] of [
    [LIVEKIT_URI, 'livekit', undefined],
    ['sip:+15550100@sip.example.com', 'other', false],
    ['+15550199', 'other', true],
    ['tel:+15550199', 'other', true],
    ['(0151) 123.45-67*#', 'other', true],
    ['alice@pbx.example.com', 'other', false],
    ['alice', 'other', false],
  ] as const) {
    it(`${to}: ${kind}`, () => {
      const { target } = factsOf({ to, response: [486, 'Busy Here', 900] });
      assert.deepEqual([target.kind, target.kind === 'other' ? target.isNumber : undefined], [kind, isNumber]);
    });
  }
});
