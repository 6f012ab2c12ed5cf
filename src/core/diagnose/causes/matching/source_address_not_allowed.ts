import { type Fix, inWords, plainFix, trunkName } from '../../../fixes/fix.ts';
import { trunkListFix } from '../../../fixes/trunkFix.ts';
import { type ComparedSources, compareSources, readAddresses } from '../../../trunks/allowedAddresses.ts';
import type { Judgement, TrunkJudgement } from '../../../trunks/judge/judge.ts';
import { defineCause, type Evidence } from '../../cause.ts';
import {
  alternative,
  configurationFault,
  fieldEvidence,
  latent,
  refusalEvidence,
  restsOnSource,
  withoutMatch,
} from '../../claims.ts';

export const sourceAddressNotAllowed = defineCause({
  id: 'source_address_not_allowed',
  title: 'the SBC’s address isn’t in the trunk’s allowed_addresses',
  party: 'livekit_config',
  stage: 'source',
  runbook: {
    meaning:
      'LiveKit compares the INVITE’s source address, which is the SBC’s, with the trunk’s allowed_addresses. It isn’t on the list, so LiveKit skips the trunk and nothing matches.',
    impact:
      'Every call from this SBC to the trunk fails, whatever the caller. With several SBCs only some calls fail, seemingly at random. Self-hosted LiveKit sends one 180 and then nothing; newer builds, and probably LiveKit Cloud, answer 404 at once.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the configured SBC addresses and the list. If it shows no SBC address, set JAMBONZ_SBC_ADDRESSES and look again.',
      'Find the address that LiveKit sees: the SBC’s public address or, behind NAT, the gateway’s. `ip addr` on the SBC shows only its own interfaces. It is never the address of whoever sends the call to Jambonz, such as a carrier.',
      'Did an SBC get a new address, or was an SBC added? `sipwhy audit` reports list entries that LiveKit ignores.',
    ],
    mitigation: [
      'Add the public address of every SBC to the trunk’s allowed_addresses. Use addresses or blocks (`192.0.2.0/24`): LiveKit compares a host name with the From header, not with the source address.',
      '`lk sip inbound update` has no flag for this list. With a file it replaces the whole trunk, including the password. The curl command that `sipwhy fix` prints changes only this list.',
      'Don’t empty the list on a trunk without a password: anybody could call it.',
      'Verify with `sipwhy check <number> --caller <caller> --source <address>` that the call would connect.',
    ],
  },
  fix: 'Add the public address of every Jambonz SBC to the trunk’s allowed_addresses.',
  confidence: {
    certain:
      'LiveKit refused the call (silence after one 180, or a 404), and the trunk allows none of the SBC addresses.',
    likely:
      'The trunk doesn’t allow the address, but the responses don’t show that LiveKit refused the call. Or the address is unknown, and nothing else explains the refusal.',
  },
  needs: ['stage', 'host', 'match', 'ending', 'progress'],
  match({ stage, host, match, ending, progress }) {
    if (!match) return withoutMatch(stage, refusalEvidence(stage, ending, progress));
    const { likelyTrunk } = match;
    if (!likelyTrunk || stage === 'admitted' || stage === 'auth') return undefined;
    if (likelyTrunk.source === 'pass') {
      return stage === 'refused' && restsOnSource(match)
        ? alternative([...refusalEvidence(stage, ending, progress), listedEvidence(match, likelyTrunk)])
        : undefined;
    }
    const evidence = [...refusalEvidence(stage, ending, progress), ...addressEvidence(match, likelyTrunk)];
    if (likelyTrunk.source === 'fail') return configurationFault(stage, evidence, fixesFor(match, likelyTrunk));
    // LiveKit refused the call and nothing else in its configuration explains it, so the unknown field must.
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
      shows: 'silence for an SBC that isn’t on the list points to the source address',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_addresses: ['198.51.100.0/24'] }] },
      want: { blocking: ['source_address_not_allowed'], confidence: 'certain' },
    },
    {
      shows: 'silence with an unknown SBC address and no other fault is likely the address',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_addresses: ['198.51.100.0/24'] }] },
      settings: { sbc_addresses: [] },
      want: { blocking: ['source_address_not_allowed'], confidence: 'likely' },
    },
    {
      shows: 'with one allowed SBC and one that isn’t, the address may or may not have passed',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_addresses: ['192.0.2.10'] }] },
      settings: { sbc_addresses: ['192.0.2.10', '198.51.100.7'] },
      want: { blocking: ['source_address_not_allowed'], confidence: 'likely' },
    },
    {
      shows: 'an SBC in an allowed block passes, unless LiveKit sees another address',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_addresses: ['192.0.2.0/24'] }] },
      want: { blocking: ['unclassified'], confidence: 'possible', alternatives: ['source_address_not_allowed'] },
    },
    {
      shows: 'an unknown SBC address stays unknown if another fault explains the silence',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_addresses: ['198.51.100.0/24'], allowed_numbers: ['+15550142'] }] },
      settings: { sbc_addresses: [] },
      want: { blocking: ['caller_not_allowed'], confidence: 'likely', latent: ['source_address_not_allowed'] },
    },
    {
      shows: 'an unknown SBC address doesn’t matter to a trunk that accepts every address',
      call: { ringing: [90], dialGaveUpAt: 20_000 },
      livekit: {},
      settings: { sbc_addresses: [] },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
  ],
});

function comparedWith({ call }: Judgement, { trunk }: TrunkJudgement): ComparedSources {
  return compareSources(readAddresses(trunk.allowed_addresses, call.strictAddresses), call.sources);
}

function addressEvidence(match: Judgement, likelyTrunk: TrunkJudgement): Evidence[] {
  const { sources } = match.call;
  if (sources.length === 0) {
    const unset = 'the SBC’s address (set JAMBONZ_SBC_ADDRESSES)';
    return [fieldEvidence(likelyTrunk, 'allowed_addresses', unset, likelyTrunk.source)];
  }
  const { listed, missing, others } = comparedWith(match, likelyTrunk);
  const name = `SBCs missing from allowed_addresses of ${trunkName(likelyTrunk.trunk)}`;
  const value = `${inWords(missing)}, while ${inWords(listed)} ${listed.length === 1 ? 'is' : 'are'} listed`;
  const ofSender = `${inWords(others)} ${notAnSbc(others)}: perhaps whoever sends the call to Jambonz, such as a carrier. LiveKit sees only the SBC’s address`;
  return [
    listed.length > 0
      ? { name, value, source: 'match' }
      : fieldEvidence(likelyTrunk, 'allowed_addresses', sources.join(', '), likelyTrunk.source),
    ...(others.length > 0 ? [{ name: 'other addresses', value: ofSender, source: 'match' as const }] : []),
  ];
}

/** That the configured addresses of the SBCs pass, which are not always those that LiveKit sees. */
function listedEvidence({ call }: Judgement, { trunk }: TrunkJudgement): Evidence {
  const value = `${inWords(call.sources)} (JAMBONZ_SBC_ADDRESSES) passes; behind NAT or a container’s bridge LiveKit sees another address`;
  return { name: `allowed_addresses of ${trunkName(trunk)}`, value, source: 'match' };
}

function notAnSbc(others: readonly string[]): string {
  return others.length === 1 ? 'isn’t the address of an SBC' : 'aren’t addresses of SBCs';
}

function fixesFor(match: Judgement, likelyTrunk: TrunkJudgement): Fix[] {
  if (match.call.sources.length === 0) {
    return [
      plainFix('Set JAMBONZ_SBC_ADDRESSES to the addresses that the SBCs send from, so that sipwhy can check them.'),
    ];
  }
  const { missing, others } = comparedWith(match, likelyTrunk);
  const why =
    others.length > 0
      ? ` LiveKit sees the SBC’s address as the source, not that of whoever sends the call to Jambonz, such as a carrier; ${inWords(others)} ${notAnSbc(others)}.`
      : '';
  const action = `Add ${inWords(missing)} to allowed_addresses of ${trunkName(likelyTrunk.trunk)}.${why}`;
  return [trunkListFix(likelyTrunk.trunk, 'allowed_addresses', { add: missing }, action)];
}
