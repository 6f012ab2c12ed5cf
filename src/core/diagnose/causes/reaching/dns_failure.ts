import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { isPhraseless503, JAMBONZ_503 } from '../../facts/liveKitResponses.ts';

export const dnsFailure = defineCause({
  id: 'dns_failure',
  title: 'the dialled host does not resolve',
  party: 'network',
  stage: 'network',
  runbook: {
    meaning:
      'The SIP stack of the SBC answers 503 "DNS Error" where the dialled host has no address: at once for a name that does not exist, after 64 s or more where the resolver is silent.',
    impact:
      'Every call to this host fails: at once where the name is wrong, after a minute of silence where the resolver does not answer. In the second case calls to all hosts by name fail.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows the host and the time that it took.',
      'On the SBC: `dig +short <host>`, and `dig +short SRV _sip._udp.<host>`. Empty at once: the name. Timeout: the resolver, `cat /etc/resolv.conf`.',
      '`npx sipwhy probe sip:<host>` asks the resolver of sipwhy’s machine. If that knows the name, the two resolvers differ.',
    ],
    mitigation: [
      'Correct the host in the SIP URI that the application dials. For LiveKit Cloud it is `<project id without p_>.sip.livekit.cloud`.',
      'Or repair the resolver of the SBC, or name another one.',
      'It worked when `dig` on the SBC prints an address and the next call gets an answer from the far end.',
    ],
  },
  fix: 'Correct the host of the dialled SIP URI, or the resolver of the SBC.',
  confidence: {
    certain: 'The phrase of the SBC’s own SIP stack on a leg to LiveKit.',
    likely: 'The phrase of a SIP stack on another leg: it may be that of somebody behind the carrier.',
  },
  needs: ['target', 'host', 'ending', 'progress'],
  match({ target, host, ending, progress }) {
    if (!isResponse(ending, 503, JAMBONZ_503.dnsError) && !isPhraseless503(ending)) return undefined;
    const evidence = responseEvidence(ending, progress);
    if (target.kind === 'livekit') evidence.push({ name: 'dialled host', value: target.uri.host, source: 'jambonz' });
    const isSilentResolver = (progress.elapsedMs ?? 0) >= 60_000;
    const fixes = [
      plainFix(
        isSilentResolver
          ? 'Repair the resolver of the SBC: it did not answer.'
          : 'Correct the host of the dialled SIP URI; it has no address in the DNS that the SBC asks.',
      ),
    ];
    // A host that is known to be wrong is the better name for it; without its phrase it may be anything.
    if (host?.kind === 'wrong' || isPhraseless503(ending)) return alternative(evidence, fixes);
    return observed(target.kind === 'livekit' ? 'certain' : 'likely', evidence, fixes);
  },
  examples: [
    {
      shows: 'a 503 "DNS Error" at once is a host that does not resolve',
      call: { response: [503, 'DNS Error', 40] },
      livekit: {},
      want: { blocking: ['dns_failure'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "DNS Error" after 64 s is a resolver that does not answer',
      call: { response: [503, 'DNS Error', 64_100] },
      livekit: {},
      want: { blocking: ['dns_failure'], confidence: 'certain' },
    },
    {
      shows: 'a 503 "DNS Error" from a carrier may be the stack of somebody behind it',
      call: { to: '+15550199', response: [503, 'DNS Error', 40] },
      want: { blocking: ['dns_failure'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "DNS Error" does not come from two trunks that match: they would stop the call next',
      call: { response: [503, 'DNS Error', 40] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: { blocking: ['dns_failure'], confidence: 'certain', latent: ['trunk_conflict'] },
    },
    {
      shows: 'a 503 "DNS Error" on a host known to be wrong is the wrong host',
      call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [503, 'DNS Error', 40] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely', alternatives: ['dns_failure'] },
    },
  ],
});
