import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OpenCall } from '../../../src/core/correlate/openCall.ts';
import { agreeingFacts } from '../../../src/core/diagnose/facts/agreeing.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { EPOCH_MS, eventOf } from '../running.ts';
import {
  A_LEG,
  type Dial,
  EMPTY,
  everySecond,
  FITTING,
  SBC,
  type Setting,
  TWO_TRUNKS,
  WITH_PASSWORD,
  webhooksOf,
} from '../scenario.ts';
import { BARRED } from '../settling.ts';

const SITE = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [SBC] });

function configurationOf(livekit: Setting['livekit']) {
  const reading = readSnapshot(livekit);
  assert.ok(reading.ok);
  return { snapshot: reading.snapshot, ageSeconds: 0, isStale: false };
}

const ADMITTED: Dial = { ringing: everySecond(90, 19_090), dialGaveUpAt: 20_000 };
const ASKED: Dial = { response: [407, 'Unauthorized', 200] };
const DROPPED: Dial = { ringing: [90], dialGaveUpAt: 20_000 };
const CLASHED: Dial = { response: [503, 'Try again later', 230] };
const GIVEN_UP: Dial = { ringing: [90], callerHungUpAt: 900 };
const ELSEWHERE: Dial = { to: '+15550199', response: [486, 'Busy Here', 900] };

describe('of a call between two readings of the configuration', () => {
  for (const [what, dial, nearer, further, isInferred] of [
    ['an admitted call was not refused: the further one counts', ADMITTED, BARRED, FITTING, true],
    ['an admitted call was not refused: the nearer one counts', ADMITTED, FITTING, BARRED, false],
    ['the nearer one counts where neither admits an admitted call', ADMITTED, BARRED, EMPTY, false],
    ['credentials were asked for by a trunk with a password', ASKED, FITTING, WITH_PASSWORD, true],
    ['credentials were asked for by the nearer trunk', ASKED, WITH_PASSWORD, FITTING, false],
    ['credentials were asked for, so there was a trunk', ASKED, EMPTY, WITH_PASSWORD, true],
    ['a dropped call was refused by the further one', DROPPED, FITTING, BARRED, true],
    ['a dropped call was refused by the nearer one', DROPPED, BARRED, FITTING, false],
    ['a 503 comes of the further one’s conflict', CLASHED, FITTING, TWO_TRUNKS, true],
    ['a 503 comes of the nearer one’s conflict', CLASHED, TWO_TRUNKS, FITTING, false],
    ['a call that was given up early says nothing', GIVEN_UP, FITTING, BARRED, false],
    ['a call to a carrier says nothing', ELSEWHERE, FITTING, BARRED, false],
  ] as const) {
    it(what, () => {
      const { attempts } = new OpenCall(
        A_LEG,
        webhooksOf(dial).map((webhook) => eventOf(webhook)),
      );
      const [attempt] = attempts;
      assert.ok(attempt);
      const other = configurationOf(further);
      const near = { ...configurationOf(nearer), other };
      const got = agreeingFacts(SITE, { attempt, settledAt: EPOCH_MS + 60_000 }, near);
      assert.equal(got.isInferred, isInferred);
      assert.equal(got.configuration, isInferred ? other : near);
    });
  }
});
