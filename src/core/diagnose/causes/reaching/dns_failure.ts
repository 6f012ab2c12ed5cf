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
      'The SBC’s SIP stack answers 503 "DNS Error" if the dialled host has no address: at once for a name that does not exist, after 64 s or more if the resolver is silent.',
    impact:
      'Every call to this host fails: at once if the name is wrong, after a minute of silence if the resolver does not answer. In the second case, calls to any host name fail.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the host and how long the failure took.',
      'On the SBC, run `dig +short <host>` and `dig +short SRV _sip._udp.<host>`. An empty answer means a wrong name. A timeout means a broken resolver: see `/etc/resolv.conf`.',
      '`sipwhy probe sip:<host>` uses the resolver on sipwhy’s machine. If that one knows the name, the two resolvers differ.',
    ],
    mitigation: [
      'Correct the host in the SIP URI that the application dials. For LiveKit Cloud, use `<project id without p_>.sip.livekit.cloud`.',
      'Or fix the SBC’s resolver, or configure another one.',
      'Verify that `dig` on the SBC prints an address and that the next call gets a response from the far end.',
    ],
  },
  fix: 'Correct the host in the dialled SIP URI, or fix the SBC’s resolver.',
  confidence: {
    certain: 'A leg to LiveKit got this phrase, which comes from the SBC’s own SIP stack.',
    likely: 'Another leg got this phrase: it may come from a SIP stack behind the carrier.',
  },
  needs: ['target', 'host', 'ending', 'progress'],
  match({ target, host, ending, progress }) {
    if (!isResponse(ending, 503, JAMBONZ_503.dnsError) && !isPhraseless503(ending)) return undefined;
    const evidence = responseEvidence(ending, progress);
    if (target.kind === 'livekit') evidence.push({ name: 'dialled host', value: target.uri.host, source: 'jambonz' });
    const { elapsedMs = 0 } = progress;
    const isSilentResolver = elapsedMs >= 60_000;
    const fixes = [
      plainFix(
        isSilentResolver
          ? 'Fix the SBC’s resolver: it did not answer.'
          : 'Correct the host in the dialled SIP URI: it has no address in the SBC’s DNS.',
      ),
    ];
    // A host that is known to be wrong explains it better; without its phrase a 503 may be anything.
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
      shows: 'a 503 "DNS Error" from a carrier may come from a SIP stack behind it',
      call: { to: '+15550199', response: [503, 'DNS Error', 40] },
      want: { blocking: ['dns_failure'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "DNS Error" does not come from two matching trunks: they are the next blocker',
      call: { response: [503, 'DNS Error', 40] },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }, {}] },
      want: { blocking: ['dns_failure'], confidence: 'certain', latent: ['trunk_conflict'] },
    },
    {
      shows: 'a 503 "DNS Error" for a host known to be wrong is the wrong host',
      call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [503, 'DNS Error', 40] },
      livekit: {},
      settings: { livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
      want: { blocking: ['sip_host_wrong'], confidence: 'likely', alternatives: ['dns_failure'] },
    },
  ],
});
