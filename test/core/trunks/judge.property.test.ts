import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { judge } from '../../../src/core/trunks/judge/judge.ts';
import { canTake } from '../../../src/core/trunks/judge/ruleGroup.ts';
import { parseRule } from '../../../src/core/trunks/readSnapshot.ts';
import { type DispatchRule, Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { address, number, rule, snapshot } from './arbitrary.ts';
import { judgeLinearly } from './linearJudge.ts';
import { rulesInReach } from './rulesInReach.ts';

const call = fc.record({
  called: number,
  caller: fc.option(number, { nil: undefined }),
  sources: fc.array(address, { maxLength: 3 }),
  declaredAuth: fc.constant(undefined),
  strictAddresses: fc.boolean(),
});

describe('a judgement', () => {
  it('equals a scan of every trunk, with the ten nearest trunks', () => {
    fc.assert(
      fc.property(snapshot, fc.array(call, { minLength: 1, maxLength: 3 }), (known, calls) => {
        for (const asked of calls) {
          const { trunks, ...wanted } = judgeLinearly(known, asked);
          assert.deepEqual(judge(known, asked), { ...wanted, trunks: trunks.slice(0, 10) });
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('is the same for a changed copy as for the same rules indexed anew', () => {
    fc.assert(
      fc.property(snapshot, fc.array(changes, { minLength: 1, maxLength: 3 }), call, (known, all, asked) => {
        // The copies share what was built for the first call.
        judge(known, asked);
        const copy = all.reduce(change, known);
        const { trunks, ...wanted } = judgeLinearly(new Snapshot(copy), asked);
        assert.deepEqual(judge(copy, asked), { ...wanted, trunks: trunks.slice(0, 10) });
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('the rules in reach', () => {
  it('can take a call from a trunk if one of them can', () => {
    fc.assert(
      fc.property(snapshot, ({ trunks, rules, ruleIndex }) => {
        for (const trunk of trunks.slice(0, 10)) {
          const inReach = rulesInReach(rules, trunk.sip_trunk_id);
          assert.equal(
            ruleIndex.canTakeFrom(trunk),
            inReach.some((one) => canTake(one, trunk)),
          );
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Which rules, by their place, get these lists or are deleted, and which are added. */
const changes = fc.record({
  edited: fc.array(fc.tuple(fc.nat(9), fc.option(rule, { nil: undefined })), { maxLength: 3 }),
  added: fc.array(rule, { maxLength: 2 }),
});

function change(
  known: Snapshot,
  { edited, added }: typeof changes extends fc.Arbitrary<infer T> ? T : never,
): Snapshot {
  const replacing = new Map<DispatchRule, DispatchRule | undefined>();
  for (const [place, lists] of edited) {
    const at = known.rules[place];
    if (at) replacing.set(at, lists && parseRule({ sip_dispatch_rule_id: `${at.sip_dispatch_rule_id}'`, ...lists }));
  }
  return known.withRules(
    replacing,
    added.map((lists, i) => parseRule({ sip_dispatch_rule_id: `SDR_${known.rules.length + i}`, ...lists })),
  );
}
