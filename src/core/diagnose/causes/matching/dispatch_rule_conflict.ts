import { separateRules } from '../../../fixes/conflictFix.ts';
import { ruleName } from '../../../fixes/fix.ts';
import { deleteRule } from '../../../fixes/ruleFix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, configurationFault, latent, responseEvidence } from '../../claims.ts';
import { isAnonymous503, isConflictAnswer, isTryAgainLater, mayReachRules } from '../../facts/liveKitResponses.ts';

export const dispatchRuleConflict = defineCause({
  id: 'dispatch_rule_conflict',
  title: 'two dispatch rules conflict',
  party: 'livekit_config',
  stage: 'dispatch',
  runbook: {
    meaning:
      'Two dispatch rules that match the call have the same trunk, caller, called number and pin. LiveKit chooses neither and answers 503.',
    impact: 'Every call that reaches both rules fails at once with 503, although its trunk matched.',
    diagnosis: [
      '`sipwhy explain CALL_SID` names both rules.',
      '`sipwhy audit` finds every conflicting pair. `sipwhy history` shows when the second rule was added: often a script recreates its rule on each deployment.',
      'An unreachable backend gives the same 503. If calls on other trunks fail too, see livekit_unavailable first.',
    ],
    mitigation: [
      'Give them different trunks, called numbers, callers or pins. Two formats of one number count as the same number.',
      'As a last resort, delete the rule you don’t need: `lk sip dispatch delete SDR_…`. First compare the agent and room of both rules.',
      'Verify that `sipwhy check <number> --caller <caller>` names only one rule.',
    ],
  },
  fix: 'Give the two rules different trunks, numbers, callers or pins, or delete the one that no call needs.',
  confidence: {
    certain:
      'LiveKit answered 503 "Try again later" without delay, the call matches one trunk without a password, two of its rules conflict, and no other call suggests an outage.',
    likely:
      'Two rules conflict, but one point is open: the 503 has another phrase or none, or came late; a field of the trunk is unknown; the trunk requires credentials first; or calls on other trunks failed the same way.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress', 'metadata', 'neighbours'],
  match({ target, stage, match, ending, progress, metadata, neighbours }) {
    if (target.kind !== 'livekit') return undefined;
    const evidence = responseEvidence(ending, progress);
    const mayBe = () => (isTryAgainLater(ending) || isAnonymous503(ending) ? alternative(evidence) : undefined);
    if (!match) return mayBe();
    // A stale configuration may lack a rule that was added since.
    if (match.dispatch?.kind !== 'conflict') return metadata.state === 'stale' ? mayBe() : undefined;
    const [a, b] = match.dispatch.between;
    evidence.push({ name: 'conflicting dispatch rules', value: `${ruleName(a)} and ${ruleName(b)}`, source: 'match' });
    const fixes = [
      ...separateRules(b, a),
      ...(a === b ? [] : [deleteRule(a, `, if ${ruleName(b)} should get the calls`)]),
    ];
    // LiveKit evaluates its rules only after it has found one trunk; a call that matches no trunk gets no 503.
    if (mayReachRules(match) && isConflictAnswer(ending)) {
      // During an outage the conflict is only the next blocker.
      if (neighbours.outage === 'supported') return latent('likely', evidence, fixes);
      const isCertain = isTryAgainLater(ending) && match.auth?.kind === 'not_asked' && match.choice.kind === 'matched';
      const confidence = isCertain ? 'certain' : 'likely';
      return { standing: 'blocking', basis: 'observed', confidence, evidence, fixes };
    }
    return configurationFault(stage, evidence, fixes, 'admitted');
  },
  examples: [
    {
      shows: 'a 503 "Try again later" with two conflicting rules is a rule conflict',
      call: { response: [503, 'Try again later', 230] },
      livekit: { rules: [{}, {}] },
      want: { blocking: ['dispatch_rule_conflict'], confidence: 'certain' },
    },
    {
      shows: 'a rule conflict on a trunk with a password is not certain: LiveKit checks the credentials first',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }], rules: [{}, {}] },
      want: { blocking: ['dispatch_rule_conflict'], confidence: 'likely', latent: ['auth_missing'] },
    },
    {
      shows: 'LiveKit detects a rule conflict at once, so a late 503 may also be a frozen backend',
      call: { response: [503, 'Try again later', 3_100] },
      livekit: { rules: [{}, {}] },
      want: { blocking: ['dispatch_rule_conflict'], confidence: 'likely', alternatives: ['livekit_unavailable'] },
    },
    {
      shows: 'an old SBC’s "Service Unavailable" with two conflicting rules is likely their conflict',
      call: { response: [503, 'Service Unavailable', 230] },
      livekit: { rules: [{}, {}] },
      want: {
        blocking: ['dispatch_rule_conflict'],
        confidence: 'likely',
        alternatives: ['transport_unreachable', 'livekit_quota_exceeded', 'livekit_unavailable'],
      },
    },
    {
      shows: 'rules for different called numbers don’t conflict',
      call: { response: [503, 'Try again later', 230] },
      livekit: { rules: [{ numbers: ['+15550100'] }, { numbers: ['+15550142'] }] },
      want: { blocking: ['livekit_unavailable'], confidence: 'likely' },
    },
  ],
});
