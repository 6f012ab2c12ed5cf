import { type Fix, plainFix, ruleName, trunkName } from '../../../fixes/fix.ts';
import { deleteRule, setTrunks } from '../../../fixes/ruleFix.ts';
import type { DispatchRule, InboundTrunk } from '../../../trunks/snapshot.ts';
import { few, fewOf } from '../../few.ts';
import { defineFinding } from '../../finding.ts';
import { findUnreachable, type Obstacle } from '../../unreachable.ts';

export const dispatchRuleUnreachable = defineFinding({
  id: 'dispatch_rule_unreachable',
  severity: 'warning',
  title: 'a dispatch rule is never chosen',
  why:
    'A rule gets only calls that one of its trunks took, and only where no other rule of the trunk comes first: direct ' +
    'before individual before callee, and a list of numbers or callers before none. Calls meant for this rule go to ' +
    'another room, or nowhere.',
  fix: 'Bind the rule to the trunk that has its numbers, make it the more specific one, or delete it.',
  *find(snapshot) {
    for (const { rule, obstacles } of findUnreachable(snapshot)) {
      const owner = rule.numbers.map((number) => snapshot.trunkIndex.ownerOf(number)).find(Boolean);
      yield {
        trunks: obstacles.map(({ trunk }) => trunk.sip_trunk_id),
        rules: [...new Set([rule, ...obstacles.flatMap(beatersOf)])].map((one) => one.sip_dispatch_rule_id),
        what: `${ruleName(rule)} gets no call: ${fewOf(obstacles, (obstacle) => describe(rule, obstacle))}.`,
        fixes: fixesFor(rule, obstacles, owner),
      };
    }
  },
});

function describe(rule: DispatchRule, obstacle: Obstacle): string {
  const { trunk } = obstacle;
  const name = trunkName(trunk);
  switch (obstacle.kind) {
    case 'numbers':
      return `${name} takes calls to ${few(trunk.numbers)}, not to ${few(rule.numbers)}`;
    case 'callers':
      return `${name} takes calls from ${few(trunk.allowed_numbers)}, not from ${few(rule.inbound_numbers)}`;
    case 'beaten':
      return `on ${name} ${fewOf(obstacle.by, ruleName)} ${obstacle.by.length === 1 ? 'comes' : 'come'} first for all that it takes, with numbers as they are written there`;
  }
}

function fixesFor(rule: DispatchRule, obstacles: readonly Obstacle[], owner: InboundTrunk | undefined): Fix[] {
  const name = ruleName(rule);
  const unwanted = deleteRule(rule, ', if it is not wanted');
  const beaters = obstacles.flatMap(beatersOf);
  if (beaters.length > 0) {
    const others = few([...new Set(beaters.map(ruleName))]);
    return [
      plainFix(`Give ${name} the numbers or the callers that it is meant for, or take them off ${others}.`),
      unwanted,
    ];
  }
  if (owner && obstacles.every(({ kind }) => kind === 'numbers')) {
    const action = `Bind ${name} to ${trunkName(owner)}, which has its number.`;
    return [setTrunks(rule, [owner.sip_trunk_id], action), unwanted];
  }
  return [plainFix(`Write the numbers and callers of its trunks in ${name}, or empty its lists.`), unwanted];
}

function beatersOf(obstacle: Obstacle): readonly DispatchRule[] {
  return obstacle.kind === 'beaten' ? obstacle.by : [];
}
