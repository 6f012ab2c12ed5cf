import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gotInBeside, NO_NEIGHBOURS } from '../../../src/core/diagnose/facts/neighbours.ts';
import { Running } from '../running.ts';
import { type Dial, everySecond, FITTING, TWO_RULES } from '../scenario.ts';
import {
  AGAIN,
  CONNECTS,
  ELSEWHERE,
  legOf,
  made,
  OTHER_NUMBER,
  OTHER_URI,
  OTHERS,
  run,
  SAME,
  shown,
  verdict,
  WITHIN,
  webhooksOfCall,
  withThird,
} from './neighbouringCalls.ts';

const OUTAGE = {
  blocking: ['livekit_unavailable'],
  confidence: 'likely',
  latent: ['trunk_conflict'],
  alternatives: [],
};
const CONFLICTS = { blocking: ['trunk_conflict'], confidence: 'certain', latent: [], alternatives: [] };
const EITHER = {
  blocking: ['trunk_conflict'],
  confidence: 'likely',
  latent: [],
  alternatives: ['livekit_unavailable'],
};

describe('what other calls say of a 503 on two matching trunks', () => {
  test('alone, it is the conflict', () => {
    const running = run([made('x', 0, AGAIN)]);
    assert.deepEqual(verdict(running, 'x'), CONFLICTS);
    assert.equal(shown(running, 'x', OTHERS), undefined);
  });

  test('a call on a trunk without a conflict failed the same way, and none got in: LiveKit is out, the conflict is a next blocker', () => {
    const running = run([made('y', 0, ELSEWHERE), made('x', 10, AGAIN)]);
    assert.deepEqual(verdict(running, 'x'), OUTAGE);
    assert.equal(shown(running, 'x', OTHERS), `0 connected, 1 failed the same way${WITHIN}`);
  });

  test('a call that was judged before the other failed is judged again', () => {
    const running = run([made('x', 0, AGAIN), made('y', 10, ELSEWHERE)]);
    const first = running.verdicts.find(({ callSid }) => callSid === legOf('x'));
    assert.equal(first?.explanation.cause, 'trunk_conflict');
    assert.deepEqual(verdict(running, 'x'), OUTAGE);
  });

  test('calls on trunks that conflict as well say nothing of an outage', () => {
    const running = run([made('x', 0, AGAIN), made('y', 5, AGAIN), made('z', 10, AGAIN)]);
    for (const id of ['x', 'y', 'z']) assert.deepEqual(verdict(running, id), CONFLICTS);
    assert.equal(shown(running, 'z', SAME), `0 connected, 2 failed the same way${WITHIN}`);
  });

  test('a call on one of the two trunks that does not conflict failed the same way: both causes stay, neither certain', () => {
    // The first trunk takes one caller only.
    const otherCaller: Dial = { ...AGAIN, from: '+15550177' };
    assert.deepEqual(verdict(run([made('x', 0, AGAIN), made('y', 5, otherCaller)]), 'x'), EITHER);
  });

  test('other trunks connect: it is the conflict', () => {
    const running = run([made('w', 0, CONNECTS), made('x', 5, AGAIN), made('y', 10, CONNECTS)]);
    assert.deepEqual(verdict(running, 'x'), CONFLICTS);
    assert.equal(shown(running, 'x', OTHERS), `2 connected, 0 failed the same way${WITHIN}`);
  });

  test('some got in between those that failed: both causes stay, neither certain', () => {
    const running = run([made('x', 0, AGAIN), made('w', 5, CONNECTS), made('y', 10, ELSEWHERE)]);
    assert.deepEqual(verdict(running, 'x'), EITHER);
  });

  test('a call that LiveKit let ring on got in as well', () => {
    const ringsOn: Dial = { to: OTHER_URI, ringing: everySecond(90, 4_090), dialGaveUpAt: 5_000 };
    const running = run([made('x', 0, AGAIN), made('w', 5, ringsOn), made('y', 15, ELSEWHERE)]);
    assert.deepEqual(verdict(running, 'x'), EITHER);
    assert.equal(shown(running, 'x', OTHERS), `0 connected, 1 failed the same way, 1 let in but not answered${WITHIN}`);
  });

  test('an outage begins and ends: calls that got in before and after it do not speak against it', () => {
    const calls = [made('v', 0, CONNECTS), made('x', 10, AGAIN), made('y', 20, ELSEWHERE), made('w', 30, CONNECTS)];
    assert.deepEqual(verdict(run(calls), 'x'), OUTAGE);
  });

  test('a call more than a minute away was not at the same time', () => {
    const running = run([made('y', 0, ELSEWHERE), made('x', 61, AGAIN)]);
    assert.deepEqual(verdict(running, 'x'), CONFLICTS);
  });

  test('another host of LiveKit’s may be down by itself', () => {
    const elsewhere = { ...AGAIN, to: `sip:${OTHER_NUMBER}@other.sip.livekit.cloud` };
    assert.deepEqual(verdict(run([made('y', 0, elsewhere), made('x', 10, AGAIN)]), 'x'), CONFLICTS);
  });

  test('another answer elsewhere is not alike', () => {
    const quota: Dial = { to: OTHER_URI, response: [503, 'Service temporarily unavailable', 230] };
    const running = run([made('y', 0, quota), made('x', 10, AGAIN)]);
    assert.deepEqual(verdict(running, 'x'), CONFLICTS);
    assert.equal(shown(running, 'x', OTHERS), `0 connected, 0 failed the same way, 1 ended in another way${WITHIN}`);
  });

  test('an old SBC’s phrase on all of them is an outage too, or nobody is reached', () => {
    const unavailable: Dial = { response: [503, 'Service Unavailable', 230] };
    const running = run([made('x', 0, unavailable), made('y', 5, { ...unavailable, to: OTHER_URI })]);
    const alternatives = ['transport_unreachable', 'livekit_quota_exceeded'];
    assert.deepEqual(verdict(running, 'x'), { ...OUTAGE, alternatives });
  });

  test('the same holds for two clashing rules', () => {
    const running = run([made('x', 0, AGAIN), made('y', 5, ELSEWHERE)], withThird(TWO_RULES));
    assert.deepEqual(verdict(running, 'x'), { ...OUTAGE, latent: ['dispatch_rule_conflict'] });
  });
});

describe('what other calls say of a 503 that the configuration does not explain', () => {
  const SAME_TRUNK: Dial = { ringing: [90], response: [200, 'OK', 900] };

  test('the same trunk let calls in before and after: an outage is merely possible', () => {
    const running = run([made('v', 0, SAME_TRUNK), made('x', 10, AGAIN), made('w', 20, SAME_TRUNK)], FITTING);
    assert.equal(verdict(running, 'x').confidence, 'possible');
    assert.deepEqual(verdict(running, 'x').blocking, ['livekit_unavailable']);
    assert.equal(shown(running, 'x', SAME), `2 connected, 0 failed the same way${WITHIN}`);
  });

  test('it let calls in only before: an outage may have begun', () => {
    const running = run([made('v', 0, SAME_TRUNK), made('x', 10, AGAIN)], FITTING);
    assert.equal(verdict(running, 'x').confidence, 'likely');
  });

  test('a refused connection is merely possible too where others get in', () => {
    const refused: Dial = { response: [503, 'Service Unavailable', 60] };
    const running = run([made('v', 0, SAME_TRUNK), made('x', 10, refused), made('w', 20, SAME_TRUNK)], FITTING);
    assert.deepEqual(verdict(running, 'x').blocking, ['transport_unreachable']);
    assert.equal(verdict(running, 'x').confidence, 'possible');
  });
});

describe('neighbours', () => {
  test('are no evidence for a leg that is not LiveKit’s', () => {
    const carrier: Dial = { to: '+15550199', response: [503, 'Try again later', 230] };
    const running = run([made('y', 0, AGAIN), made('x', 10, carrier)]);
    assert.deepEqual(verdict(running, 'x').blocking, ['carrier_rejected']);
    assert.equal(shown(running, 'x', OTHERS), undefined);
  });

  test('got in if one of them was answered or let in, whatever its trunk', () => {
    const none = { connected: 0, letIn: 0, failedAlike: 3, endedOtherwise: 2 };
    assert.equal(gotInBeside({ ...NO_NEIGHBOURS, sameTrunk: none, unplaced: none }), false);
    assert.equal(gotInBeside({ ...NO_NEIGHBOURS, sameTrunk: { ...none, connected: 1 } }), true);
    assert.equal(gotInBeside({ ...NO_NEIGHBOURS, otherTrunks: { ...none, letIn: 1 } }), true);
    assert.equal(gotInBeside({ ...NO_NEIGHBOURS, unplaced: { ...none, connected: 1 } }), true);
  });

  test('whose trunk is not known say nothing of a trunk', () => {
    const running = new Running(FITTING, {}, false);
    running.deliver([...webhooksOfCall(made('y', 0, ELSEWHERE)), ...webhooksOfCall(made('x', 10, AGAIN))]);
    running.settleAll();
    assert.equal(verdict(running, 'x').confidence, 'possible');
    const name = 'other calls to LiveKit on an unknown trunk';
    assert.equal(shown(running, 'x', name), `0 connected, 1 failed the same way${WITHIN}`);
  });

  test('have the last verdicts the same in whatever order the calls came to an end', () => {
    const ids = ['a', 'b', 'c', 'd'];
    const dials = [AGAIN, ELSEWHERE, AGAIN, CONNECTS];
    // All began in the same second; who is judged first depends on the order of arrival.
    const orders = [ids, ids.toReversed(), ['c', 'a', 'd', 'b']];
    const results = orders.map((order) => {
      const running = run(order.map((id) => made(id, 0, dials[ids.indexOf(id)] ?? AGAIN)));
      return ids.map((id) => verdict(running, id));
    });
    assert.deepEqual(results[1], results[0]);
    assert.deepEqual(results[2], results[0]);
  });
});
