import { separateTrunks } from '../../../fixes/conflictFix.ts';
import { trunkName } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, configurationFault, latent, observed, responseEvidence } from '../../claims.ts';
import { isAnonymous503, isConflictAnswer, isTryAgainLater } from '../../facts/liveKitResponses.ts';

export const trunkConflict = defineCause({
  id: 'trunk_conflict',
  title: 'two trunks match',
  party: 'livekit_config',
  stage: 'conflict',
  runbook: {
    meaning:
      'Two inbound trunks accept the same called number from this caller and address. LiveKit chooses neither and answers 503. It rejects some conflicting pairs on creation, but not all: one trunk with allowed_numbers and one without are accepted.',
    impact:
      'Every call that matches both trunks fails at once with 503. Callers that match only one trunk get through, so the failures may look random.',
    diagnosis: [
      '`sipwhy explain CALL_SID` names both trunks and the number they share.',
      '`sipwhy audit` finds every conflicting pair, including those that no call has hit yet. `sipwhy history` shows when the second trunk was added, or when a list was emptied.',
      'An unreachable backend gives the same 503. If calls on other trunks fail too, see livekit_unavailable first.',
    ],
    mitigation: [
      'Decide which trunk keeps the number: one that asks for a password or lists addresses, and that admits the callers of both. `sipwhy explain` says whom each change would lock out, and which one would leave the calls to a trunk without either. Remove the number from the other: `lk sip inbound update --id ST_… --numbers …` with the remaining numbers. Never leave a trunk without numbers: it would accept every number.',
      'Or keep both trunks, and give them callers (allowed_numbers) or addresses (allowed_addresses) that don’t overlap. Addresses can’t tell apart what the same SBC sends.',
      'As a last resort, if a trunk has no other number, delete it: `lk sip inbound delete ST_…`. First check that the other trunk admits its callers and addresses, and that no dispatch rule needs it.',
      'Verify that `sipwhy check <number> --caller <caller>` names one trunk instead of two.',
    ],
  },
  fix: 'Separate the two trunks with allowed_addresses or allowed_numbers, or remove the number from one that has others.',
  confidence: {
    certain:
      'LiveKit answered 503 "Try again later" without delay, two trunks match the call on every field, and no other call suggests an outage.',
    likely:
      'Two trunks match the call, but one point is open: the 503 has another phrase or none, or came late; a field of the trunks is unknown; or calls on other trunks failed the same way.',
  },
  needs: ['target', 'match', 'ending', 'progress', 'stage', 'metadata', 'neighbours'],
  match({ target, match, ending, progress, stage, metadata, neighbours }) {
    if (target.kind !== 'livekit') return undefined;
    const evidence = responseEvidence(ending, progress);
    const mayBe = () => (isTryAgainLater(ending) || isAnonymous503(ending) ? alternative(evidence) : undefined);
    if (!match) return mayBe();
    const { choice } = match;
    const between = choice.kind === 'conflict' || choice.kind === 'unknown' ? choice.between : undefined;
    if (stage === 'admitted' || stage === 'auth') return undefined;
    // A stale configuration may lack a trunk that was added since.
    if (!between) return metadata.state === 'stale' ? mayBe() : undefined;
    const [a, b] = between;
    const what = a.trunk.numbers.length === 0 ? 'accept every number' : `accept ${match.call.called}`;
    evidence.push({
      name: 'matching trunks',
      value: `${trunkName(a.trunk)} and ${trunkName(b.trunk)} both ${what} from ${match.call.caller ?? 'this caller'}`,
      source: 'match',
    });
    const [ruleOfA, ruleOfB] = match.rulesBetween;
    const fixes = separateTrunks({ ...a, rule: ruleOfA }, { ...b, rule: ruleOfB }, match.call);
    if (ending.kind === 'not_made' && choice.kind === 'conflict') return configurationFault(stage, evidence, fixes);
    // During an outage, or if the response means something else, the conflict is only the next blocker.
    if (!isConflictAnswer(ending) || neighbours.outage === 'supported') return latent('likely', evidence, fixes);
    const isCertain = choice.kind === 'conflict' && isTryAgainLater(ending);
    return observed(isCertain ? 'certain' : 'likely', evidence, fixes);
  },
  examples: [
    {
      shows: 'a 503 "Try again later" with two matching trunks is a trunk conflict',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: { blocking: ['trunk_conflict'], confidence: 'certain' },
    },
    {
      shows: 'two default trunks also conflict',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [{ numbers: [] }, { numbers: [] }] },
      want: { blocking: ['trunk_conflict'], confidence: 'certain' },
    },
    {
      shows: 'an old SBC’s "Service Unavailable" with two matching trunks is likely the conflict',
      call: { response: [503, 'Service Unavailable', 230] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: {
        blocking: ['trunk_conflict'],
        confidence: 'likely',
        alternatives: ['transport_unreachable', 'livekit_quota_exceeded', 'livekit_unavailable'],
      },
    },
    {
      shows: 'two trunks that match except for an unknown address may conflict',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [{ allowed_addresses: ['192.0.2.10'] }, {}] },
      settings: { sbc_addresses: [] },
      want: {
        blocking: ['trunk_conflict'],
        confidence: 'likely',
        latent: ['source_address_not_allowed'],
        alternatives: ['livekit_unavailable'],
      },
    },
    {
      shows: 'an old SBC’s "Service Unavailable" does not hide a possible conflict',
      call: { response: [503, 'Service Unavailable', 230] },
      alike: [[503, 'Service Unavailable', 60]],
      livekit: { trunks: [{ allowed_addresses: ['192.0.2.10'] }, {}] },
      settings: { sbc_addresses: [] },
      want: {
        blocking: ['trunk_conflict'],
        confidence: 'likely',
        latent: ['source_address_not_allowed'],
        alternatives: ['transport_unreachable', 'livekit_quota_exceeded', 'livekit_unavailable'],
      },
    },
    {
      shows: 'LiveKit detects a trunk conflict at once, so a late 503 may also be a frozen backend',
      call: { response: [503, 'Try again later', 3_100] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: { blocking: ['trunk_conflict'], confidence: 'likely', alternatives: ['livekit_unavailable'] },
    },
    {
      shows: 'an immediate "Service Unavailable" from an old SBC does not hide two matching trunks',
      call: { response: [503, 'Service Unavailable', 60] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: {
        blocking: ['trunk_conflict'],
        confidence: 'likely',
        alternatives: ['transport_unreachable', 'livekit_quota_exceeded', 'livekit_unavailable'],
      },
    },
    {
      shows: 'a trunk with the number beats a default trunk, so they don’t conflict',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [{}, { numbers: [] }] },
      want: { blocking: ['livekit_unavailable'], confidence: 'likely' },
    },
    {
      shows: 'a 404 never means a conflict, even if two trunks match',
      call: { response: [404, 'Not Found', 230] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: { blocking: ['unclassified'], confidence: 'possible', latent: ['trunk_conflict'] },
    },
  ],
});
