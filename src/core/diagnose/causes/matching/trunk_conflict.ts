import type { Fix } from '../../../fixes/fix.ts';
import { trunkName } from '../../../fixes/fix.ts';
import { deleteTrunkFix, trunkListFix } from '../../../fixes/trunkFix.ts';
import { isListed } from '../../../trunks/number.ts';
import type { InboundTrunk } from '../../../trunks/snapshot.ts';
import { defineCause } from '../../cause.ts';
import { alternative, configurationFault, latent, observed, responseEvidence } from '../../claims.ts';
import { isAnonymous503, isConflictAnswer, isTryAgainLater } from '../../facts/liveKitResponses.ts';

export const trunkConflict = defineCause({
  id: 'trunk_conflict',
  title: 'two trunks match the call',
  party: 'livekit_config',
  stage: 'conflict',
  runbook: {
    meaning:
      'Two inbound trunks take the same called number from this caller and address. LiveKit then decides for neither and answers 503. It refuses some such pairs when they are created, but not all: one with allowed_numbers and one without is accepted.',
    impact:
      'Every call that both trunks take fails at once with 503. Callers whom only one of them takes get through, so it may look like chance.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` names both trunks and what they both take.',
      '`npx sipwhy audit` finds every such pair, also those that no call met yet. `npx sipwhy history` shows when the second trunk came, or when a list was emptied.',
      'An unreachable backend answers the same 503. If calls on other trunks fail too, see livekit_unavailable first.',
    ],
    mitigation: [
      'Decide which trunk is to have the number. Take it off the other one: `lk sip inbound update --id ST_… --numbers …` with the numbers that remain. Never leave a trunk without numbers: it would take every number.',
      'A trunk that has no other number is deleted instead: `lk sip inbound delete ST_…`. See first that no dispatch rule needs it.',
      'Or keep both, and give them callers (allowed_numbers) or addresses (allowed_addresses) that do not overlap.',
      '`npx sipwhy check <number> --caller <caller>` names one trunk instead of two.',
    ],
  },
  fix: 'Take the number off one of the two trunks, or separate them by allowed_numbers or allowed_addresses.',
  confidence: {
    certain:
      'LiveKit answered 503 "Try again later" without delay, two trunks take the call by all that is known, and no other call speaks for an outage.',
    likely:
      'Two trunks take the call, and the 503 has another phrase or none, or it came late, or a field of the trunks is not known, or calls on other trunks failed alike.',
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
    // A configuration that is old may not show the trunk that was added since.
    if (!between) return metadata.state === 'stale' ? mayBe() : undefined;
    const [a, b] = between;
    const what = a.trunk.numbers.length === 0 ? 'take every number' : `take ${match.call.called}`;
    evidence.push({
      name: 'trunks that match',
      value: `${trunkName(a.trunk)} and ${trunkName(b.trunk)} both ${what} from ${match.call.caller ?? 'this caller'}`,
      source: 'match',
    });
    const fixes = [partFix(b.trunk, match.call.called), partFix(a.trunk, match.call.called)];
    if (ending.kind === 'not_made' && choice.kind === 'conflict') return configurationFault(stage, evidence, fixes);
    // Behind an outage, or where the answer means something else, it would stop the call next.
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
      shows: 'two default trunks conflict as well',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [{ numbers: [] }, { numbers: [] }] },
      want: { blocking: ['trunk_conflict'], confidence: 'certain' },
    },
    {
      shows: 'an old SBC’s "Service Unavailable" on two matching trunks is likely the conflict',
      call: { response: [503, 'Service Unavailable', 230] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: {
        blocking: ['trunk_conflict'],
        confidence: 'likely',
        alternatives: ['transport_unreachable', 'livekit_quota_exceeded', 'livekit_unavailable'],
      },
    },
    {
      shows: 'two trunks that would both match, but for an address that is not known, may or may not conflict',
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
      shows: 'an old SBC’s "Service Unavailable" does not hide that they may conflict',
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
      shows: 'a conflict is found at once, so a late 503 may be a frozen backend although two trunks match',
      call: { response: [503, 'Try again later', 3_100] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: { blocking: ['trunk_conflict'], confidence: 'likely', alternatives: ['livekit_unavailable'] },
    },
    {
      shows: 'an old SBC’s "Service Unavailable" at once does not hide two trunks that match',
      call: { response: [503, 'Service Unavailable', 60] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: {
        blocking: ['trunk_conflict'],
        confidence: 'likely',
        alternatives: ['transport_unreachable', 'livekit_quota_exceeded', 'livekit_unavailable'],
      },
    },
    {
      shows: 'a trunk with the number beats a default trunk, so that they do not conflict',
      call: { response: [503, 'Try again later', 230] },
      livekit: { trunks: [{}, { numbers: [] }] },
      want: { blocking: ['livekit_unavailable'], confidence: 'likely' },
    },
    {
      shows: 'a 404 is no conflict’s answer, although two trunks match',
      call: { response: [404, 'Not Found', 230] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: { blocking: ['unclassified'], confidence: 'possible', latent: ['trunk_conflict'] },
    },
  ],
});

/**
 * Leaves the called number to the other trunk. A trunk that has no other number is deleted: without any it would take
 * every number.
 */
function partFix(trunk: InboundTrunk, called: string): Fix {
  const clashing = trunk.numbers.filter((number) => isListed(called, [number]));
  if (clashing.length === trunk.numbers.length)
    return deleteTrunkFix(trunk, ', or make its callers or addresses others');
  const action = `Take ${clashing.join(', ')} off ${trunkName(trunk)}.`;
  return trunkListFix(trunk, 'numbers', { remove: clashing }, action);
}
