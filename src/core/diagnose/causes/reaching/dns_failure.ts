import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, FIND_HIDDEN_ANSWER, hiddenAnswerEvidence, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { wentThroughCarrier } from '../../facts/facts.ts';
import { isPhraseless503, JAMBONZ_503 } from '../../facts/liveKitResponses.ts';

export const dnsFailure = defineCause({
  id: 'dns_failure',
  title: 'the host that the SBC tried last does not resolve',
  party: 'network',
  stage: 'network',
  runbook: {
    meaning:
      'The SBC’s SIP stack answers 503 "DNS Error" if a host has no address: at once for a name that does not exist, after 64 s or more if the resolver is silent. With several gateways or addresses, only the last failure is reported: the others may have rung, or failed in another way.',
    impact:
      'Every call to this host fails: at once if the name is wrong, after a minute of silence if the resolver does not answer. In the second case, calls to any host name fail.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the dialled host, how long the failure took, and whether something rang before. The PCAP in Recent Calls shows each gateway that was tried.',
      'On the SBC, run `dig +short <host>` and `dig +short SRV _sip._udp.<host>`. An empty answer means a wrong name. A timeout means a broken resolver: see `/etc/resolv.conf`.',
      '`sipwhy probe sip:<host>` uses the resolver on sipwhy’s machine. If that one knows the name, the two resolvers differ.',
    ],
    mitigation: [
      'Correct the host in the SIP URI that the application dials. For LiveKit Cloud, use `<project id without p_>.sip.livekit.cloud`.',
      'For a number dialled through a carrier, correct or remove the carrier’s gateway in Jambonz.',
      'Or fix the SBC’s resolver, or configure another one.',
      'Verify that `dig` on the SBC prints an address and that the next call gets a response from the far end.',
    ],
  },
  fix: 'Correct the host in the dialled SIP URI or in the carrier’s gateway, or fix the SBC’s resolver.',
  confidence: {
    certain: 'A dialled SIP URI of LiveKit got this phrase without ringing: it comes from the SBC’s own SIP stack.',
    likely:
      'Another leg got this phrase, which may come from a SIP stack behind the carrier. Or the leg rang first, so another gateway or address failed before.',
  },
  needs: ['target', 'host', 'ending', 'progress'],
  match({ target, host, ending, progress }) {
    if (!isResponse(ending, 503, JAMBONZ_503.dnsError) && !isPhraseless503(ending)) return undefined;
    const evidence = responseEvidence(ending, progress);
    // A 503 without its phrase may come from whoever rang.
    const rang = progress.ringings > 0 && !isPhraseless503(ending);
    if (rang) evidence.push(...hiddenAnswerEvidence(progress));
    const isByCarrier = wentThroughCarrier(target);
    const isDialled = target.kind === 'livekit' && !isByCarrier;
    if (isDialled) evidence.push({ name: 'dialled host', value: target.uri.host, source: 'jambonz' });
    const { elapsedMs = 0 } = progress;
    const isSilentResolver = elapsedMs >= 60_000 && !rang;
    const where = isByCarrier ? 'of the carrier’s gateway in Jambonz' : 'in the dialled SIP URI';
    const fixes = [
      ...(rang ? [FIND_HIDDEN_ANSWER] : []),
      plainFix(
        isSilentResolver
          ? 'Fix the SBC’s resolver: it did not answer.'
          : `Correct the host ${where}: it has no address in the SBC’s DNS.`,
      ),
    ];
    // A host that is known to be wrong explains it better; without its phrase a 503 may be anything.
    if (host?.kind === 'wrong' || isPhraseless503(ending)) return alternative(evidence, fixes);
    return observed(isDialled && !rang ? 'certain' : 'likely', evidence, fixes);
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
      shows: 'a 503 "DNS Error" after ringing is the last gateway’s: another one rang',
      call: { to: '+15550199', ringing: 'every second', response: [503, 'DNS Error', 30_400] },
      want: { blocking: ['dns_failure'], confidence: 'likely' },
    },
    {
      shows: 'a 503 "DNS Error" after LiveKit rang is not certain: another address answered before',
      call: { ringing: 'every second', response: [503, 'DNS Error', 64_400] },
      livekit: {},
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
