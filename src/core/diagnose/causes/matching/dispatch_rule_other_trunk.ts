import { ruleName, trunkName } from '../../../fixes/fix.ts';
import { newRule, setTrunks } from '../../../fixes/ruleFix.ts';
import { defineCause } from '../../cause.ts';
import { configurationFault, refusalEvidence, withoutMatch } from '../../claims.ts';

export const dispatchRuleOtherTrunk = defineCause({
  id: 'dispatch_rule_other_trunk',
  title: 'every dispatch rule is bound to another trunk',
  party: 'livekit_config',
  stage: 'dispatch',
  runbook: {
    meaning:
      'The call has a trunk, but every dispatch rule names other trunks in trunk_ids, so that none sends the call to a room.',
    impact:
      'Every call on this trunk fails; other trunks work. Self-hosted LiveKit sends one 180 and then nothing, until the dial gives up. Newer builds, and as far as is known LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` names the trunk, and the trunks that each rule is bound to.',
      'Was the trunk deleted and created again? It has a new id then, and the rule still has the old one. `npx sipwhy history` shows it, and `npx sipwhy audit` names trunk ids that are no more.',
    ],
    mitigation: [
      'Bind the rule to the trunk as well: `lk sip dispatch update --id SDR_… --trunks ST_… --trunks ST_…`, with all trunks that it is to have.',
      'Or create a rule for this trunk: `lk sip dispatch create rule.json`.',
      'Do not empty trunk_ids to be quick: such a rule also takes calls that no trunk matched, past allow-lists and passwords.',
      '`npx sipwhy check <number> --caller <caller>` names the rule.',
    ],
  },
  fix: 'Add the trunk to trunk_ids of a dispatch rule, or create a rule for it.',
  confidence: {
    certain:
      'LiveKit refused the call, by silence after one 180 or by a 404, and every dispatch rule is bound to other trunks.',
    likely:
      'Every dispatch rule is bound to other trunks, and the call’s answers do not show that LiveKit refused it, or something else that decides is not known.',
  },
  needs: ['stage', 'match', 'ending', 'progress'],
  match({ stage, match, ending, progress }) {
    const evidence = refusalEvidence(stage, ending, progress);
    if (!match) return withoutMatch(stage, evidence);
    const { likelyTrunk, dispatch } = match;
    if (!likelyTrunk || dispatch?.kind !== 'none' || dispatch.why !== 'other_trunk') return undefined;
    const bound = dispatch.rules.map((rule) => `${ruleName(rule)} for ${rule.trunk_ids.join(', ')}`);
    evidence.push(
      { name: 'trunk', value: trunkName(likelyTrunk.trunk), source: 'match' },
      { name: 'dispatch rules', value: bound.slice(0, 5).join('; '), source: 'match' },
    );
    const [only] = dispatch.rules;
    const id = likelyTrunk.trunk.sip_trunk_id;
    const fix =
      only && dispatch.rules.length === 1
        ? setTrunks(only, [id, ...only.trunk_ids], `Bind ${ruleName(only)} to ${trunkName(likelyTrunk.trunk)} as well.`)
        : newRule(likelyTrunk.trunk);
    return configurationFault(stage, evidence, [fix], 'admitted');
  },
  examples: [
    {
      shows: 'silence with a rule for another trunk is the rule’s trunk',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ trunk_ids: ['ST_2'] }] },
      want: { blocking: ['dispatch_rule_other_trunk'], confidence: 'certain' },
    },
    {
      shows:
        'a rule for another trunk: a fault that the answer does not show stops the call all the same, and is not certain to have',
      call: { response: [503, 'Come back tomorrow', 230] },
      livekit: { rules: [{ trunk_ids: ['ST_2'] }] },
      want: { blocking: ['dispatch_rule_other_trunk'], confidence: 'likely' },
    },
    {
      shows: 'a rule for this trunk that lists other numbers is bound to it',
      call: { response: [404, 'Does not match Trunks or Dispatch Rules', 200] },
      livekit: { rules: [{ numbers: ['+15550142'] }, { trunk_ids: ['ST_9'] }] },
      want: { blocking: ['dispatch_rule_number_mismatch'], confidence: 'certain' },
    },
    {
      shows: 'a rule without trunk_ids takes calls of every trunk',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ trunk_ids: [] }] },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});
