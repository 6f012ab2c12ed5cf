import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { predictionJson, predictionText } from '../../../src/core/explain/predictionJson.ts';
import {
  type Circumstances,
  closePrediction,
  EFFECTS,
  keyOfHole,
  predict,
  predictHole,
  whyOver,
} from '../../../src/core/predict/prediction.ts';
import { CALLER, LIVEKIT_URI } from '../scenario.ts';
import { counted, forecast, moved, PLACE, refused } from './predictionRows.ts';

const NOW = 1_795_387_200_000;
const CHANGE = { since: NOW - 60_000, at: NOW - 1_000, texts: ['numbers of ST_1 changed'] };

function circumstances(fields: Partial<Circumstances> = {}): Circumstances {
  return { id: 'p1', now: NOW, change: CHANGE, kinds: [], fix: undefined, takeBack: undefined, ...fields };
}

const HOLE = { id: 'no_password ST_1', trunk: 'ST_1', of: 'ST_1', what: 'ST_1 no longer asks for a password.' };

describe('a predicted incident', () => {
  it('has one of three effects', () => assert.deepEqual(EFFECTS, ['refused', 'other_place', 'opened']));

  it('of calls that would be refused names the cause and its owner', () => {
    const { effect, cause, party, trunk, isCertain, key, openedAt } = predict(forecast(refused()), circumstances());
    assert.deepEqual([effect, cause, party, trunk], ['refused', 'caller_not_allowed', 'livekit_config', 'ST_1']);
    assert.deepEqual([isCertain, key, openedAt], [true, 'fault', NOW]);
  });

  it('is certain if one of its kinds is', () => {
    const certain = (...hits: Parameters<typeof forecast>) => predict(forecast(...hits), circumstances()).isCertain;
    assert.equal(certain(refused(counted(), false)), false);
    assert.equal(certain(refused(counted(), false), refused(counted(), true)), true);
    assert.equal(certain(moved()), true);
  });

  it('of calls that would land elsewhere is the owner of LiveKit’s configuration, and has no cause', () => {
    const { effect, party, kinds, ...rest } = predict(forecast(moved()), circumstances());
    assert.deepEqual([effect, party, 'cause' in rest], ['other_place', 'livekit_config', false]);
    assert.deepEqual([kinds[0]?.before, kinds[0]?.now?.room], [PLACE, 'sales-']);
  });

  it('says how many kinds and calls of all it concerns', () => {
    const [a, b, c] = [counted(3), counted(1, { caller: 'b' }), counted(6, { caller: 'c' })];
    const one = predict(forecast(refused(a), refused(b)), circumstances({ kinds: [a, b, c] }));
    assert.deepEqual([one.kindsHit, one.kindsSeen, one.callsPerDay, one.share], [2, 3, 4, 0.4]);
    assert.equal(predict(forecast(refused(counted(0))), circumstances({ kinds: [counted(0)] })).share, 0);
  });

  it('lists twenty kinds, and counts the others', () => {
    const hits = Array.from({ length: 21 }, (_, i) => refused(counted(1, { caller: `+1555010${i}` })));
    const { kinds, kindsHit } = predict(forecast(refused(), ...hits), circumstances());
    assert.deepEqual([kinds.length, kindsHit], [20, 22]);
    const twenty = predict(forecast(refused(), ...hits.slice(0, 19)), circumstances());
    assert.deepEqual([twenty.kinds.length, twenty.kindsHit], [20, 20]);
  });

  it('keeps what is known of a kind, and nothing where nothing is', () => {
    const group = counted(1, { isGroup: true });
    const { caller: _, ...unknown } = counted(2).kind;
    const { kinds } = predict(
      forecast(refused(group), refused({ key: 'k', kind: unknown, callsPerDay: 2 })),
      circumstances(),
    );
    assert.deepEqual(kinds, [
      { key: group.key, to: LIVEKIT_URI, caller: CALLER, isGroup: true, callsPerDay: 1, before: PLACE },
      { key: 'k', to: LIVEKIT_URI, callsPerDay: 2, before: PLACE },
    ]);
  });

  it('of a hole concerns no calls', () => {
    const one = predictHole(HOLE, circumstances({ kinds: [counted()] }));
    assert.deepEqual([one.effect, one.isCertain, one.party, one.trunk], ['opened', true, 'livekit_config', 'ST_1']);
    assert.deepEqual([one.kindsHit, one.kindsSeen, one.callsPerDay, one.share, one.kinds], [0, 1, 0, 0, []]);
    assert.equal(one.key, keyOfHole(HOLE));
    assert.notEqual(keyOfHole(HOLE), keyOfHole({ ...HOLE, id: 'open ST_1' }));
  });

  it('has a fix and a way back only where there is one', () => {
    const none = predict(forecast(refused()), circumstances());
    assert.deepEqual(['fix' in none, 'takeBack' in none], [false, false]);
    const fix = { action: 'Add it.', pastes: [] };
    const takeBack = { steps: ['Set it back.'], pastes: [], byHand: [] };
    const both = predict(forecast(refused()), circumstances({ fix, takeBack }));
    assert.deepEqual([both.fix, both.takeBack], [fix, takeBack]);
  });
});

describe('why a predicted incident is over', () => {
  const one = predict(forecast(refused(counted(1)), refused(counted(1, { caller: 'b' }))), circumstances());
  const elsewhere = { ...PLACE, room: 'other-' };

  it('its calls are admitted as before', () => assert.equal(whyOver(one, [counted()]), 'taken_back'));
  it('such calls have connected elsewhere', () =>
    assert.equal(whyOver(one, [counted(1), counted(1, { caller: 'b', place: elsewhere })]), 'calls_connected'));
  it('no such call was seen any more', () => {
    assert.equal(whyOver(one, [counted(1, { caller: 'other' })]), 'no_calls');
    assert.equal(whyOver(one, []), 'no_calls');
  });
  it('a hole is closed, whatever calls were seen', () =>
    assert.equal(whyOver(predictHole(HOLE, circumstances()), []), 'taken_back'));
});

describe('a predicted incident in words', () => {
  const kinds = [counted(212), counted(53, { caller: 'b' })];
  const change = { fix: { action: 'Add the caller.', pastes: [] } };

  it('says what, how many and why', () => {
    const json = predictionJson(predict(forecast(refused(kinds[0])), circumstances({ kinds, ...change })), 'first');
    assert.equal(
      json.summary,
      'Calls would fail: the caller isn’t in the trunk’s allowed_numbers: 1 of the 2 kinds of calls seen in the last 7 days, 212 calls a day (80 % of all). Change: numbers of ST_1 changed.',
    );
    assert.equal(predictionText(json), `Predicted: ${json.summary}\nOwner: LiveKit config.\nFix: Add the caller.`);
    assert.deepEqual(
      [json.state, json.trunk_name, json.closed_at, json.closed_text],
      ['predicted', 'first', null, null],
    );
    assert.deepEqual([json.change.since, json.opened_at], ['2026-11-22T22:39:00.000Z', '2026-11-22T22:40:00.000Z']);
  });

  it('says may, where it depends on something unknown', () => {
    const { title } = predictionJson(predict(forecast(refused(counted(), false)), circumstances()), undefined);
    assert.equal(title, 'calls may fail: the caller isn’t in the trunk’s allowed_numbers');
  });

  it('says where calls land before and now', () => {
    const direct = { ...PLACE, roomKind: 'direct' as const, room: 'support', agents: ['a', 'b'] };
    const json = predictionJson(
      predict(forecast(moved(counted(0.4, { place: direct }))), circumstances({ change: { ...CHANGE, texts: [] } })),
      '',
    );
    assert.match(
      json.summary,
      /^Calls would reach another room or agent: .*, less than a call a day \(0 % of all\)\. Before: room support, agent a, b, by SDR_1\. Now: rooms sales-…, agent sales, by SDR_1\.$/,
    );
    assert.equal(json.trunk_name, null);
    assert.match(predictionJson(predict(forecast(moved()), circumstances()), undefined).summary, /no named agent/);
  });

  it('says one call a day, and less than one percent', () => {
    const many = [counted(1), counted(400, { caller: 'b' })];
    const { summary } = predictionJson(predict(forecast(refused(many[0])), circumstances({ kinds: many })), undefined);
    assert.match(summary, / 1 call a day \(less than 1 % of all\)\./);
    const hundredth = [counted(1), counted(99, { caller: 'b' })];
    const one = predict(forecast(refused(hundredth[0])), circumstances({ kinds: hundredth }));
    assert.match(predictionJson(one, undefined).summary, /\(1 % of all\)/);
  });

  it('of a hole is its sentence, with the way back', () => {
    const takeBack = { steps: ['Set it back.', 'Then that.'], pastes: [], byHand: ['Set it back.'] };
    const json = predictionJson(predictHole(HOLE, circumstances({ takeBack })), undefined);
    assert.equal(json.summary, 'ST_1 no longer asks for a password. Change: numbers of ST_1 changed.');
    assert.match(predictionText(json), /^Or take the change back: Set it back\. Then that\.$/m);
    assert.equal(json.command, null);
  });

  it('gives the first command that runs as it is', () => {
    const paste = (text: string) => ({ label: 'curl', format: 'shell' as const, tool: 'curl' as const, text });
    const fix = { action: 'Do it.', pastes: [paste('curl <the password of x>'), paste('curl fix')] };
    const takeBack = { steps: ['Set it back.'], pastes: [paste('curl back')], byHand: [] };
    const commandOf = (fields: Partial<Circumstances>) =>
      predictionJson(predict(forecast(refused()), circumstances(fields)), undefined).command;
    assert.equal(commandOf({ fix, takeBack }), 'curl fix');
    assert.equal(commandOf({ takeBack }), 'curl back');
    assert.equal(commandOf({ fix: { ...fix, pastes: [{ label: 'x', format: 'json', text: '{}' }] } }), null);
  });

  it('once closed says why, by whom, and no fix any more', () => {
    const closed = closePrediction(predict(forecast(refused()), circumstances(change)), 'resolved_by_hand', NOW, 'Ann');
    const json = predictionJson(closed, undefined);
    assert.deepEqual(
      [json.state, json.closed_because, json.closed_text],
      ['closed', 'resolved_by_hand', 'Closed by hand, by Ann.'],
    );
    assert.match(predictionText(json), /^Was predicted: .*\nClosed by hand, by Ann\.$/);
    const alone = predictionJson(closePrediction(closed, 'taken_back', NOW), undefined);
    assert.equal(alone.closed_text, 'Closed: LiveKit’s configuration treats these calls as before again.');
  });
});
