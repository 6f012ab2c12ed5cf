import { plainFix, ruleName } from '../../../fixes/fix.ts';
import { deleteRule, setTrunks } from '../../../fixes/ruleFix.ts';
import { few } from '../../few.ts';
import { defineFinding } from '../../finding.ts';

export const ruleForMissingTrunk = defineFinding({
  id: 'rule_for_missing_trunk',
  severity: 'warning',
  title: 'a dispatch rule is bound to a trunk that does not exist',
  runbook: {
    meaning:
      'A trunk that is deleted and recreated gets a new id. Its rules still name the old id, so calls match the new trunk but find no rule.',
    impact:
      'A rule that names only missing trunks gets no calls. Calls to the new trunk get one 180 and then silence, or a 404 from newer builds, unless another rule accepts them.',
    diagnosis: [
      '`sipwhy audit` names the rule and the missing trunks. If a trunk is now without a rule, the audit also reports `trunk_without_rule`.',
      '`sipwhy history` shows when the trunk was deleted, its numbers, and which trunk replaced it.',
    ],
    mitigation: [
      'Bind the rule to the trunk that replaced the old one: `lk sip dispatch update --id SDR_… --trunks ST_…`, with every trunk that it should have.',
      'Never remove the last id from trunk_ids: a rule without trunk_ids also accepts calls that no trunk matched, bypassing allow-lists and passwords.',
      'Delete the rule only if no trunk replaced the old one.',
      'Verify that `sipwhy audit` no longer lists the rule, and that `sipwhy check <number> --caller <caller>` names it.',
    ],
  },
  fix: 'Bind the rule to the trunk that replaced the missing one.',
  *find(snapshot) {
    for (const rule of snapshot.rules) {
      yield undefined;
      const missing = rule.trunk_ids.filter((id) => !snapshot.trunksById.has(id));
      if (missing.length === 0) continue;
      const [first, ...others] = snapshot.trunksOf(rule).map((trunk) => trunk.sip_trunk_id);
      const name = ruleName(rule);
      const lost = `${few(missing)}, which ${missing.length === 1 ? 'does' : 'do'} not exist`;
      yield {
        trunks: missing,
        rules: [rule.sip_dispatch_rule_id],
        describe: () => ({
          what:
            first === undefined
              ? `${name} is bound only to ${lost}, so it gets no calls.`
              : `${name} is bound to ${lost}.`,
          fixes:
            first === undefined
              ? [
                  plainFix(`Bind ${name} to the trunk that replaced ${few(missing)}.`),
                  deleteRule(rule, `, if no trunk replaced ${few(missing)}`),
                ]
              : [setTrunks(rule, [first, ...others], `Bind ${name} only to trunks that exist.`)],
        }),
      };
    }
  },
  examples: [
    {
      shows: 'the only trunk of a rule does not exist',
      configuration: { trunks: { ST_1: {} }, rules: { SDR_1: { trunk_ids: ['ST_old'] } } },
      want: { trunk: 'none', what: 'SDR_1 is bound only to ST_old, which does not exist, so it gets no calls.' },
    },
    {
      shows: 'one of two trunks does not exist',
      configuration: { trunks: { ST_1: {} }, rules: { SDR_1: { trunk_ids: ['ST_1', 'ST_old'] } } },
      want: { trunk: 'none', what: 'SDR_1 is bound to ST_old, which does not exist.' },
    },
    {
      shows: 'two of three trunks do not exist',
      configuration: { trunks: { ST_1: {} }, rules: { SDR_1: { trunk_ids: ['ST_1', 'ST_old', 'ST_older'] } } },
      want: { trunk: 'none', what: 'SDR_1 is bound to ST_old, ST_older, which do not exist.' },
    },
    {
      shows: 'all its trunks exist',
      configuration: { trunks: { ST_1: {}, ST_2: {} }, rules: { SDR_1: { trunk_ids: ['ST_1', 'ST_2'] } } },
    },
    {
      shows: 'a rule without trunk_ids',
      configuration: { trunks: { ST_1: {} }, rules: { SDR_1: {} } },
    },
  ],
});
