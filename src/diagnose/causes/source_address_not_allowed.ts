import { type Fix, plainFix } from '../../fixes/fix.ts';
import { trunkName } from '../../fixes/names.ts';
import { trunkListFix } from '../../fixes/trunkFix.ts';
import type { Judgement, TrunkJudgement } from '../../trunks/judge.ts';
import { defineCause } from '../cause.ts';
import { configurationFault, fieldEvidence, latent, refusalEvidence } from '../claims.ts';
import { withoutMatch } from '../withoutMatch.ts';

export const sourceAddressNotAllowed = defineCause({
  id: 'source_address_not_allowed',
  title: 'the trunk’s allowed_addresses does not hold the SBC’s address',
  party: 'livekit_config',
  stage: 'source',
  meaning:
    'LiveKit compares the address that the INVITE came from, which is the SBC’s, with allowed_addresses of the trunk. ' +
    'It is not on the list, so LiveKit passes the trunk over and matches nothing.',
  fix: 'Add the public address of every Jambonz SBC to allowed_addresses of the trunk.',
  confidence: {
    certain:
      'LiveKit refused the call, by silence after one 180 or by a 404, and the trunk allows none of the SBC’s addresses.',
    likely:
      'The trunk does not allow the address and the call’s answers do not show that LiveKit refused it, or the address is not known and nothing else explains the refusal.',
  },
  needs: ['stage', 'host', 'match', 'ending', 'progress'],
  match({ stage, host, match, ending, progress }) {
    if (!match) return withoutMatch(stage, refusalEvidence(stage, ending, progress));
    const { meant } = match;
    if (!meant || meant.source === 'pass' || stage === 'admitted' || stage === 'auth') return undefined;
    const sources = match.call.sources.join(', ') || '(JAMBONZ_SBC_ADDRESSES is not set)';
    const evidence = [
      ...refusalEvidence(stage, ending, progress),
      fieldEvidence(meant, 'allowed_addresses', sources, meant.source),
    ];
    if (meant.source === 'fail') return configurationFault(stage, evidence, fixesFor(match, meant));
    // LiveKit refused the call and nothing else in its configuration says why: the unknown field must be it.
    const isOnlyExplanation =
      stage === 'refused' &&
      host?.kind !== 'wrong' &&
      meant.called === 'pass' &&
      meant.caller === 'pass' &&
      match.dispatch?.kind === 'rule';
    if (!isOnlyExplanation) return latent('possible', evidence, fixesFor(match, meant));
    return { standing: 'blocking', basis: 'configured', confidence: 'likely', evidence, fixes: fixesFor(match, meant) };
  },
});

function fixesFor({ call }: Judgement, meant: TrunkJudgement): Fix[] {
  if (call.sources.length === 0) {
    return [plainFix('Set JAMBONZ_SBC_ADDRESSES to the addresses that the SBCs send from; then sipwhy can tell.')];
  }
  const missing = call.sources.filter((source) => !meant.trunk.allowed_addresses.includes(source));
  const action = `Add ${missing.join(', ')} to allowed_addresses of ${trunkName(meant.trunk)}.`;
  return [trunkListFix(meant.trunk, 'allowed_addresses', { add: missing }, action)];
}
