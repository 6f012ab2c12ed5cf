import { inWords, ruleName, trunkName } from '../../../fixes/fix.ts';
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
      'The call matches a trunk, but every dispatch rule names other trunks in trunk_ids, so no rule sends the call to a room.',
    impact:
      'Every call on this trunk fails; other trunks work. Self-hosted LiveKit sends one 180 and then nothing until the dial times out. Newer builds, and probably LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`sipwhy explain CALL_SID` names the trunk, and the trunks that each rule is bound to.',
      'Was the trunk deleted and recreated? Then it has a new id, and the rule still names the old one. `sipwhy history` shows this, and `sipwhy audit` lists trunk ids that no longer exist.',
    ],
    mitigation: [
      'Add the trunk to the rule: `lk sip dispatch update --id SDR_… --trunks ST_… --trunks ST_…`, with every trunk it should have.',
      'Or create a rule for this trunk. `sipwhy fix` prints the command.',
      'Don’t empty trunk_ids as a quick fix: a rule without trunks also accepts calls that no trunk matched, bypassing allow-lists and passwords.',
      'Verify that `sipwhy check <number> --caller <caller>` names the rule.',
    ],
  },
  fix: 'Add the trunk to trunk_ids of a dispatch rule, or create a rule for it.',
  confidence: {
    certain:
      'LiveKit refused the call (silence after one 180, or a 404), and every dispatch rule is bound to other trunks.',
    likely:
      'Every dispatch rule is bound to other trunks, but the responses don’t show that LiveKit refused the call, or another deciding field is unknown.',
  },
  needs: ['stage', 'match', 'ending', 'progress'],
  match({ stage, match, ending, progress }) {
    const evidence = refusalEvidence(stage, ending, progress);
    if (!match) return withoutMatch(stage, evidence);
    const { likelyTrunk, dispatch } = match;
    if (!likelyTrunk || dispatch?.kind !== 'none' || dispatch.why !== 'other_trunk') return undefined;
    const bound = dispatch.rules.slice(0, 5).map((rule) => `${ruleName(rule)} for ${inWords(rule.trunk_ids)}`);
    evidence.push(
      { name: 'trunk', value: trunkName(likelyTrunk.trunk), source: 'match' },
      { name: 'dispatch rules', value: bound.join('; '), source: 'match' },
    );
    const [only] = dispatch.rules;
    const id = likelyTrunk.trunk.sip_trunk_id;
    const fix =
      only && dispatch.count === 1
        ? setTrunks(
            only,
            [id, ...only.trunk_ids],
            `Add ${trunkName(likelyTrunk.trunk)} to trunk_ids of ${ruleName(only)}.`,
          )
        : newRule(likelyTrunk.trunk, match.sharedAgents);
    return configurationFault(stage, evidence, [fix], 'admitted');
  },
  examples: [
    {
      shows: 'silence with a rule for another trunk points to the rule’s trunk',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ trunk_ids: ['ST_2'] }] },
      want: { blocking: ['dispatch_rule_other_trunk'], confidence: 'certain' },
    },
    {
      shows: 'a rule for another trunk blocks the call, but is only likely if the response doesn’t show a refusal',
      call: { response: [503, 'Come back tomorrow', 230] },
      livekit: { rules: [{ trunk_ids: ['ST_2'] }] },
      want: { blocking: ['dispatch_rule_other_trunk'], confidence: 'likely' },
    },
    {
      shows: 'a rule for this trunk that lists other numbers is a number mismatch',
      call: { response: [404, 'Does not match Trunks or Dispatch Rules', 200] },
      livekit: { rules: [{ numbers: ['+15550142'] }, { trunk_ids: ['ST_9'] }] },
      want: { blocking: ['dispatch_rule_number_mismatch'], confidence: 'certain' },
    },
    {
      shows: 'a rule without trunk_ids accepts calls on every trunk',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ trunk_ids: [] }] },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});
