import { type Fix, plainFix, trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import type { Judgement, TrunkJudgement } from '../../../trunks/judge/judge.ts';
import { defineCause } from '../../cause.ts';
import { configurationFault, fieldEvidence, latent, refusalEvidence, withoutMatch } from '../../claims.ts';

export const sourceAddressNotAllowed = defineCause({
  id: 'source_address_not_allowed',
  title: 'the trunk’s allowed_addresses does not hold the SBC’s address',
  party: 'livekit_config',
  stage: 'source',
  runbook: {
    meaning:
      'LiveKit compares the address that the INVITE came from, which is the SBC’s, with allowed_addresses of the trunk. It is not on the list, so LiveKit passes the trunk over and matches nothing.',
    impact:
      'All calls from this SBC to the trunk fail, whoever calls. Where there are several SBCs only a part of the calls fails, as if by chance. Self-hosted LiveKit sends one 180 and then nothing; newer builds, and as far as is known LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the addresses that the SBC is known to send from, and the list. Where it says that none is known, set JAMBONZ_SBC_ADDRESSES and look again.',
      'Find the address that LiveKit sees: the public one of the SBC, behind NAT that of the gateway. `ip addr` on the SBC shows its own only.',
      'Did an SBC get a new address, or was one added? `npx sipwhy audit` names entries of the list that LiveKit ignores.',
    ],
    mitigation: [
      'Add the public address of every SBC to allowed_addresses of the trunk. An address or a block (`192.0.2.0/24`) works; a host name is compared with the From header, not with the address.',
      '`lk sip inbound update` has no flag for this list. With a file it replaces the whole trunk, the password included. The API call that `npx sipwhy explain` prints changes this field only.',
      'Do not empty the list of a trunk without a password: it would be open to everybody.',
      '`npx sipwhy check <number> --caller <caller> --source <address>` says that the call would pass.',
    ],
  },
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
    const { likelyTrunk } = match;
    if (!likelyTrunk || likelyTrunk.source === 'pass' || stage === 'admitted' || stage === 'auth') return undefined;
    const sources = match.call.sources.join(', ') || '(JAMBONZ_SBC_ADDRESSES is not set)';
    const evidence = [
      ...refusalEvidence(stage, ending, progress),
      fieldEvidence(likelyTrunk, 'allowed_addresses', sources, likelyTrunk.source),
    ];
    if (likelyTrunk.source === 'fail') return configurationFault(stage, evidence, fixesFor(match, likelyTrunk));
    // LiveKit refused the call and nothing else in its configuration says why: the unknown field must be it.
    const isOnlyExplanation =
      stage === 'refused' &&
      host?.kind !== 'wrong' &&
      likelyTrunk.called === 'pass' &&
      likelyTrunk.caller === 'pass' &&
      match.dispatch?.kind === 'rule';
    if (!isOnlyExplanation) return latent('possible', evidence, fixesFor(match, likelyTrunk));
    return {
      standing: 'blocking',
      basis: 'configured',
      confidence: 'likely',
      evidence,
      fixes: fixesFor(match, likelyTrunk),
    };
  },
  examples: [
    {
      shows: 'silence with an SBC that is not on the list is the source address',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_addresses: ['198.51.100.0/24'] }] },
      want: { blocking: ['source_address_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'silence with an SBC that is not known, and nothing else wrong, is likely its address',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_addresses: ['198.51.100.0/24'] }] },
      settings: { sbc_addresses: [] },
      want: { blocking: ['source_address_not_allowed'], confidence: 'likely' },
    },
    {
      shows: 'of two SBCs, one allowed and one not, the address may or may not have passed',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_addresses: ['192.0.2.10'] }] },
      settings: { sbc_addresses: ['192.0.2.10', '198.51.100.7'] },
      want: { blocking: ['source_address_not_allowed'], confidence: 'likely' },
    },
    {
      shows: 'an SBC within an allowed block passes',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_addresses: ['192.0.2.0/24'] }] },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'an SBC that is not known stays unknown where another fault explains the silence',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_addresses: ['198.51.100.0/24'], allowed_numbers: ['+15550142'] }] },
      settings: { sbc_addresses: [] },
      want: { blocking: ['caller_not_allowed'], confidence: 'likely', latent: ['source_address_not_allowed'] },
    },
    {
      shows: 'an SBC that is not known does not matter to a trunk that takes every address',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: {},
      settings: { sbc_addresses: [] },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

function fixesFor({ call }: Judgement, likelyTrunk: TrunkJudgement): Fix[] {
  if (call.sources.length === 0) {
    return [plainFix('Set JAMBONZ_SBC_ADDRESSES to the addresses that the SBCs send from; then sipwhy can tell.')];
  }
  const missing = call.sources.filter((source) => !likelyTrunk.trunk.allowed_addresses.includes(source));
  const action = `Add ${missing.join(', ')} to allowed_addresses of ${trunkName(likelyTrunk.trunk)}.`;
  return [trunkListFix(likelyTrunk.trunk, 'allowed_addresses', { add: missing }, action)];
}
