import { type Fix, inWords, ruleName, trunkName } from '../../../fixes/fix.ts';
import { newRule, setTrunks } from '../../../fixes/ruleFix.ts';
import type { Judgement } from '../../../trunks/judge/judge.ts';
import { inPlaceOf, type MissingTrunk } from '../../../trunks/judge/missingTrunks.ts';
import type { DispatchRule, InboundTrunk } from '../../../trunks/snapshot.ts';
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
      'If the rule names a trunk that no longer exists, put the new trunk’s id in its place; `sipwhy fix` prints the command. The rule’s room, agents and numbers stay.',
      'Or add the trunk to a rule: `lk sip dispatch update --id SDR_… --trunks ST_… --trunks ST_…`, with every trunk it should have.',
      'Or create a rule for this trunk. `sipwhy fix` prints the command.',
      'Don’t empty trunk_ids as a quick fix: a rule without trunks also accepts calls that no trunk matched, bypassing allow-lists and passwords.',
      'Verify that `sipwhy check <number> --caller <caller>` names the rule.',
    ],
  },
  fix: 'Put the trunk into trunk_ids of a dispatch rule, in place of one that no longer exists; or create a rule for it.',
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
    const missing = match.missingTrunks.filter(({ rules }) => rules.some((rule) => dispatch.rules.includes(rule)));
    if (missing.length > 0) {
      const ids = missing.map(({ sip_trunk_id }) => sip_trunk_id);
      const value = `${inWords(ids)} ${ids.length === 1 ? 'doesn’t' : 'don’t'} exist`;
      evidence.push({ name: 'missing trunks', value, source: 'match' });
    }
    return configurationFault(stage, evidence, fixesFor(likelyTrunk.trunk, dispatch, match), 'admitted');
  },
  examples: [
    {
      shows: 'silence with a rule for another trunk points to the rule’s trunk',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{}, { numbers: ['+15550142'] }], rules: [{ trunk_ids: ['ST_2'] }] },
      want: { blocking: ['dispatch_rule_other_trunk'], confidence: 'certain' },
    },
    {
      shows: 'a rule whose trunk was created again names the old id',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: {
        rules: [{ trunk_ids: ['ST_old'] }, { trunk_ids: ['ST_old'], numbers: ['+15550142'] }],
      },
      want: { blocking: ['dispatch_rule_other_trunk'], confidence: 'certain' },
    },
    {
      shows: 'a rule of a missing trunk for other numbers is not this call’s',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ trunk_ids: ['ST_old'], numbers: ['+15550142'] }] },
      want: { blocking: ['dispatch_rule_other_trunk'], confidence: 'certain' },
    },
    {
      shows: 'two rules for trunks that no longer exist leave open which of them this trunk replaced',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { rules: [{ trunk_ids: ['ST_old'] }, { trunk_ids: ['ST_older'] }] },
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

/** A rule of a trunk that no longer exists was for the trunk that replaced it: that keeps its room, agents and numbers. */
function fixesFor(
  trunk: InboundTrunk,
  { rules, count }: { readonly rules: readonly DispatchRule[]; readonly count: number },
  { missingTrunks, sharedAgents }: Pick<Judgement, 'missingTrunks' | 'sharedAgents'>,
): Fix[] {
  const byRule = new Map(
    missingTrunks.flatMap((missing) => (missing.taking ? [[missing.taking, missing] as const] : [])),
  );
  const rebinding = [...byRule].map(([rule, missing]) => rebind(rule, missing, trunk));
  const create = newRule(trunk, sharedAgents);
  // Only a person knows which of several trunks this one replaced.
  if (rebinding.length > 1)
    return [create, ...rebinding.map((fix) => ({ ...fix, action: `${fix.action} Only if it replaced that trunk.` }))];
  const [only] = rules;
  if (rebinding.length > 0 || !only || count > 1 || missingTrunks.length > 0) return [...rebinding, create];
  const action = `Add ${trunkName(trunk)} to trunk_ids of ${ruleName(only)}.`;
  return [setTrunks(only, [trunk.sip_trunk_id, ...only.trunk_ids], action)];
}

function rebind(
  rule: DispatchRule,
  { sip_trunk_id: missing, rules }: Pick<MissingTrunk, 'sip_trunk_id' | 'rules'>,
  trunk: InboundTrunk,
): Fix {
  const others = rules.filter((other) => other !== rule).map(ruleName);
  const alike = `${inWords(others)} ${others.length === 1 ? 'names' : 'name'} ${missing} too.`;
  return setTrunks(
    rule,
    inPlaceOf(rule.trunk_ids, missing, trunk.sip_trunk_id),
    `Put ${trunkName(trunk)} into trunk_ids of ${ruleName(rule)} in place of ${missing}, which doesn’t exist: the rule’s room, agents and numbers stay.${others.length > 0 ? ` ${alike}` : ''}`,
  );
}
