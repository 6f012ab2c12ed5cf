import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judge } from '../../../src/core/trunks/judge/judge.ts';
import { canTake } from '../../../src/core/trunks/judge/ruleGroup.ts';
import { TrunkIndex } from '../../../src/core/trunks/judge/trunkIndex.ts';
import { looseAddresses, matchTrunk, strictAddresses as strictly } from '../../../src/core/trunks/match/match.ts';
import { parseRule } from '../../../src/core/trunks/readSnapshot.ts';
import { type DispatchRule, Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { address, number, rule, snapshot } from './arbitrary.ts';
import { judgeLinearly } from './linearJudge.ts';
import { rulesInReach } from './rulesInReach.ts';

// What judging has in common with a plain reading of LiveKit's matching, for any configuration. The fast tests take a few
// fixed ones, and the property tests thousands.

const call = fc.record({
  called: number,
  caller: fc.option(number, { nil: undefined }),
  sources: fc.array(address, { maxLength: 3 }),
  declaredAuth: fc.constant(undefined),
  strictAddresses: fc.boolean(),
});

export const judgementEqualsScan = fc.property(
  snapshot,
  fc.array(call, { minLength: 1, maxLength: 3 }),
  (known, calls) => {
    for (const asked of calls) {
      const { trunks, ...wanted } = judgeLinearly(known, asked);
      assert.deepEqual(judge(known, asked), { ...wanted, trunks: trunks.slice(0, 10) });
    }
  },
);

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

export const changedCopyJudgesAlike = fc.property(
  snapshot,
  fc.array(changes, { minLength: 1, maxLength: 3 }),
  call,
  (known, all, asked) => {
    // The copies share what was built for the first call.
    judge(known, asked);
    const copy = all.reduce(change, known);
    const { trunks, ...wanted } = judgeLinearly(new Snapshot(copy), asked);
    assert.deepEqual(judge(copy, asked), { ...wanted, trunks: trunks.slice(0, 10) });
  },
);

export const rulesInReachTakeCalls = fc.property(snapshot, ({ trunks, rules, ruleIndex }) => {
  for (const trunk of trunks.slice(0, 10)) {
    const inReach = rulesInReach(rules, trunk.sip_trunk_id);
    assert.equal(
      ruleIndex.canTakeFrom(trunk),
      inReach.some((one) => canTake(one, trunk)),
    );
  }
});

const matched = fc.record({ from_user: number, from_host: address, to_user: number, source_ip: address });

export const indexChoosesAsLiveKit = fc.property(
  snapshot,
  matched,
  fc.boolean(),
  ({ trunks }, asked, strictAddresses) => {
    const wanted = matchTrunk(trunks, asked, strictAddresses ? strictly : looseAddresses);
    const choice = new TrunkIndex(trunks).choose({ ...callOf(asked), strictAddresses }, 'fail');
    switch (choice.kind) {
      case 'empty':
      case 'none':
        assert.partialDeepStrictEqual(wanted, { ok: true, trunk: undefined, matchType: choice.kind });
        break;
      case 'specific':
      case 'default':
        assert.partialDeepStrictEqual(wanted, { ok: true, matchType: choice.kind });
        assert(wanted.ok && wanted.trunk === choice.trunk.trunk);
        break;
      default:
        assert.partialDeepStrictEqual(wanted, { ok: false, error: choice.kind });
        assert.deepEqual(
          wanted.ok || wanted.between.map((trunk) => trunk.sip_trunk_id),
          choice.between.map(({ trunk }) => trunk.sip_trunk_id),
        );
    }
  },
);

function callOf(asked: { from_user: string; from_host: string; to_user: string; source_ip: string }) {
  return { called: asked.to_user, caller: asked.from_user, sources: [asked.source_ip], fromHost: asked.from_host };
}
