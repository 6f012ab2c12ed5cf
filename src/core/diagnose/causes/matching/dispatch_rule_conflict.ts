import { ruleName } from '../../../fixes/fix.ts';
import { deleteRule } from '../../../fixes/ruleFix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, configurationFault, latent, responseEvidence } from '../../claims.ts';
import { isAnonymous503, isConflictAnswer, isTryAgainLater, mayReachRules } from '../../facts/liveKitResponses.ts';

export const dispatchRuleConflict = defineCause({
  id: 'dispatch_rule_conflict',
  title: 'two dispatch rules clash',
  party: 'livekit_config',
  stage: 'dispatch',
  runbook: {
    meaning:
      'Two dispatch rules in reach of the call have the same trunk, caller, called number and pin. LiveKit then decides for neither and answers 503.',
    impact: 'Every call that comes to both rules fails at once with 503, after its trunk took it.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` names both rules.',
      '`npx sipwhy audit` finds every such pair. `npx sipwhy history` shows when the second one came: often a script that creates its rule again on each deployment.',
      'An unreachable backend answers the same 503. If calls on other trunks fail too, see livekit_unavailable first.',
    ],
    mitigation: [
      'Delete the rule that is not wanted: `lk sip dispatch delete SDR_…`. Compare first which agent and which room each has.',
      'Or give them different called numbers, callers or pins. One number in two forms counts as the same.',
      '`npx sipwhy check <number> --caller <caller>` names one rule.',
    ],
  },
  fix: 'Delete one of the two rules, or give them different numbers or pins.',
  confidence: {
    certain:
      'LiveKit answered 503 "Try again later" without delay, one trunk without a password takes the call, two of its rules clash, and no other call speaks for an outage.',
    likely:
      'Two rules clash, and the 503 has another phrase or none, or it came late, or a field of the trunk is not known, or it asks for credentials first, or calls on other trunks failed alike.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress', 'metadata', 'neighbours'],
  match({ target, stage, match, ending, progress, metadata, neighbours }) {
    if (target.kind !== 'livekit') return undefined;
    const evidence = responseEvidence(ending, progress);
    const mayBe = () => (isTryAgainLater(ending) || isAnonymous503(ending) ? alternative(evidence) : undefined);
    if (!match) return mayBe();
    // A configuration that is old may not show the rule that was added since.
    if (match.dispatch?.kind !== 'conflict') return metadata.state === 'stale' ? mayBe() : undefined;
    const [a, b] = match.dispatch.between;
    evidence.push({ name: 'dispatch rules that clash', value: `${ruleName(a)} and ${ruleName(b)}`, source: 'match' });
    const fixes = [
      deleteRule(b, ', or give it other numbers or another pin'),
      deleteRule(a, ', or give it other numbers or another pin'),
    ];
    // LiveKit comes to its rules only where it has found one trunk; a call that it knows no trunk for gets no 503.
    if (mayReachRules(match) && isConflictAnswer(ending)) {
      // Behind an outage it would stop the call next.
      if (neighbours.outage === 'supported') return latent('likely', evidence, fixes);
      const isCertain = isTryAgainLater(ending) && match.auth?.kind === 'not_asked' && match.choice.kind === 'matched';
      const confidence = isCertain ? 'certain' : 'likely';
      return { standing: 'blocking', basis: 'observed', confidence, evidence, fixes };
    }
    return configurationFault(stage, evidence, fixes, 'admitted');
  },
  examples: [
    {
      shows: 'a 503 "Try again later" with two clashing rules is a rule conflict',
      call: { response: [503, 'Try again later', 230] },
      livekit: { rules: [{}, {}] },
      want: { blocking: ['dispatch_rule_conflict'], confidence: 'certain' },
    },
    {
      shows: 'behind a password a rule conflict cannot be certain: the credentials come first',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [{ auth_username: 'livekit_client', auth_password: 'secret' }], rules: [{}, {}] },
      want: { blocking: ['dispatch_rule_conflict'], confidence: 'likely', latent: ['auth_missing'] },
    },
    {
      shows: 'a clash is found at once, so a late 503 may be a frozen backend although two rules clash',
      call: { response: [503, 'Try again later', 3_100] },
      livekit: { rules: [{}, {}] },
      want: { blocking: ['dispatch_rule_conflict'], confidence: 'likely', alternatives: ['livekit_unavailable'] },
    },
    {
      shows: 'an old SBC’s "Service Unavailable" on two clashing rules is likely their conflict',
      call: { response: [503, 'Service Unavailable', 230] },
      livekit: { rules: [{}, {}] },
      want: {
        blocking: ['dispatch_rule_conflict'],
        confidence: 'likely',
        alternatives: ['transport_unreachable', 'livekit_quota_exceeded', 'livekit_unavailable'],
      },
    },
    {
      shows: 'rules for different called numbers do not clash',
      call: { response: [503, 'Try again later', 230] },
      livekit: { rules: [{ numbers: ['+15550100'] }, { numbers: ['+15550142'] }] },
      want: { blocking: ['livekit_unavailable'], confidence: 'likely' },
    },
  ],
});
