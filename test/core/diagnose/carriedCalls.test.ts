import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CALLED, type Dial, FITTING } from '../scenario.ts';
import { factsOf } from './gatheredFacts.ts';

const LISTED = { livekit: FITTING };
const NAMED = { settings: { carriers: ['LiveKit'] } };
const BOTH = { ...LISTED, ...NAMED };
const silentFor = (seconds: number): Dial => ({ ringing: [90], dialGaveUpAt: 90 + seconds * 1000 });
const answered = (status: number, reason: string): Dial => ({ response: [status, reason, 900] });

describe('a number that was dialled through a carrier', () => {
  for (const [what, dial, known, isLiveKit] of [
    ['is not LiveKit’s where nothing shows it', silentFor(2), {}, false],
    ['is LiveKit’s with its refusal', answered(404, 'No trunk found'), {}, true],
    ['is LiveKit’s with its refusal of any trunk', answered(404, 'Does not match any SIP Trunks'), {}, true],
    ['is LiveKit’s with Cloud’s refusal', answered(404, 'Does not match Trunks or Dispatch Rules'), {}, true],
    ['is not LiveKit’s with anybody’s refusal', answered(404, 'Not Found'), LISTED, false],
    ['is LiveKit’s if a trunk lists it and it was dropped', silentFor(2), LISTED, true],
    ['is not LiveKit’s if it was given up before', silentFor(1.999), LISTED, false],
    ['is LiveKit’s if a carrier is named and it was dropped', silentFor(2), NAMED, true],
    ['is LiveKit’s if a trunk lists it and LiveKit’s 503 came', answered(503, 'Try again later'), LISTED, true],
    ['is LiveKit’s if a carrier is named and LiveKit’s 486 came', answered(486, 'Rejected'), NAMED, true],
    ['is not LiveKit’s if a trunk lists it and somebody was busy', answered(486, 'Busy Here'), LISTED, false],
    ['is not LiveKit’s if a carrier is named and somebody was busy', answered(486, 'Busy Here'), NAMED, false],
    ['is LiveKit’s if a trunk lists it and a carrier is named', answered(486, 'Busy Here'), BOTH, true],
  ] as const) {
    it(what, () => {
      const { target } = factsOf({ ...dial, to: CALLED }, known);
      assert.equal(target.kind, isLiveKit ? 'livekit' : 'other');
    });
  }

  it('is looked up without its + and its scheme', () => {
    const { target } = factsOf({ ...silentFor(2), to: `tel:${CALLED}` }, LISTED);
    assert.ok(target.kind === 'livekit');
    const { user, host, isEscaped } = target.uri;
    assert.deepEqual([user, host, isEscaped, target.viaCarrier], ['15550100', '', false, true]);
  });
});

describe('how far LiveKit let a call in', () => {
  for (const [what, dial, stage] of [
    ['not, after two seconds of silence', silentFor(2), 'refused'],
    ['unknown, after less', silentFor(1.999), 'unknown'],
    ['unknown, if no webhook reports the end', { ringing: [90] }, 'unknown'],
    ['all the way, if it rang twice', { ringing: [90, 1_090], dialGaveUpAt: 3_000 }, 'admitted'],
    ['all the way, if it was answered', { response: [200, 'OK', 900] }, 'admitted'],
    ['to the credentials, with a 401', answered(401, 'Unauthorized'), 'auth'],
    ['to the credentials, with a 407', answered(407, 'Unauthorized'), 'auth'],
    ['not, with a 404', answered(404, 'Not Found'), 'refused'],
    ['not, with a 408 after silence', { ringing: [90], response: [408, 'Request Timeout', 2_090] }, 'refused'],
    ['unknown, with an earlier 408', { ringing: [90], response: [408, 'Request Timeout', 2_089] }, 'unknown'],
    ['all the way, with a 486', answered(486, 'Busy Here'), 'admitted'],
    ['all the way, with a 400 after one ringing', { ringing: [90], response: [400, 'Bad Request', 230] }, 'admitted'],
    ['all the way, with a 488 after one ringing', { ringing: [90], response: [488, 'No', 230] }, 'admitted'],
    [
      'all the way, with a 500 after one ringing',
      { ringing: [90], response: [500, 'Server Internal Error', 230] },
      'admitted',
    ],
    ['unknown, with Jambonz’s own 500', { ringing: [90], response: [500, 'Ringing', 230] }, 'unknown'],
    ['unknown, with a 400 without ringing', answered(400, 'Bad Request'), 'unknown'],
    ['unknown, with another status', answered(503, 'Try again later'), 'unknown'],
  ] as const) {
    it(`is ${what}`, () => assert.equal(factsOf(dial).stage, stage));
  }
});
