import { plainFix } from '../../../fixes/fix.ts';
import { defineCause, type Evidence } from '../../cause.ts';
import { alternative, FIND_HIDDEN_ANSWER, hiddenAnswerEvidence, observed, responseEvidence } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { type Target, wentThroughCarrier } from '../../facts/facts.ts';
import { isAnonymous503, isPhraseless503, JAMBONZ_503, mayConflict } from '../../facts/liveKitResponses.ts';
import { isOutageUnconfirmed } from '../../facts/neighbours.ts';
import { isAfterSilence, isAtOnce } from '../../facts/timing.ts';

export const transportUnreachable = defineCause({
  id: 'transport_unreachable',
  title: 'the SBC could not open a connection to the far end',
  party: 'network',
  stage: 'network',
  runbook: {
    meaning:
      'The connection was refused or reset, or the SBC lacks the transport (TLS, WebSocket, IPv6). A refused connection gives 503 "Service Unavailable" within 0.1 s, which a far end may also send itself.',
    impact: 'Every call to this host, port and transport fails at once.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows the phrase, and the dialled scheme, host, port and transport. "No transport", "Cannot insert Via" and 416 mean that the SBC itself lacks the transport.',
      '`sipwhy probe "sip:<host>;transport=tcp"` tests the connection from sipwhy’s machine; try udp, tcp and tls. On the SBC, run `nc -vz <host> 5060`.',
      'A refused connection means that nothing listens on the port, or that a firewall rejects it. On the far end, run `ss -lntup | grep 506`.',
      'If `dig +short <host>` lists several addresses, the status comes from the last one tried.',
    ],
    mitigation: [
      'Start the far end, or correct the port and transport in the dialled SIP URI.',
      'Open the port in the firewall for the SBC’s addresses.',
      'Enable the transport on the SBC, or dial without `sips:` and `transport=tls`.',
      'Verify that `sipwhy probe` gets an answer from the dialled URI and that the next call rings.',
    ],
  },
  fix: 'From the SBC, check the host, port and transport of the dialled SIP URI: firewall, listening port, TLS.',
  confidence: {
    certain:
      'A dialled SIP URI of LiveKit got the phrase that the SBC’s own SIP stack uses for a missing transport, without ringing.',
    likely:
      'The response is a 503 "Service Unavailable" within 0.1 s, an immediate 500 for a transport that the SBC may lack, or the phrase of a SIP stack that may not be the SBC’s. Or the leg rang before the stack’s phrase.',
    possible:
      'The response is an immediate 500 for a plain URI, an immediate 503 without a phrase, or a 503 "Service Unavailable" after an address was silent for 32 s or while other calls got in.',
  },
  needs: ['target', 'host', 'match', 'ending', 'progress', 'neighbours'],
  match({ target, host, match, ending, progress, neighbours }) {
    const evidence = [...responseEvidence(ending, progress), ...transportEvidence(target)];
    const fixes = [plainFix(wentThroughCarrier(target) ? CHECK_GATEWAY : this.fix)];
    const hasNoTransport = isResponse(ending, 503, JAMBONZ_503.noTransport, JAMBONZ_503.noVia);
    if (hasNoTransport || isResponse(ending, 416)) {
      // Behind another far end's gateway it may come from another SIP stack; and the SBC sends 416 only for sips:.
      const isOurs = target.kind === 'livekit' && (hasNoTransport || target.uri.scheme === 'sips');
      const isByCarrier = wentThroughCarrier(target);
      const rang = progress.ringings > 0;
      if (rang) evidence.push(...hiddenAnswerEvidence(progress));
      return observed(isOurs && !rang && !isByCarrier ? 'certain' : 'likely', evidence, [
        ...(rang ? [FIND_HIDDEN_ANSWER] : []),
        plainFix(
          isByCarrier
            ? 'Enable the transport of the carrier’s gateway on the SBC, or give the gateway another one.'
            : 'Enable the SIP URI’s transport on the SBC, or dial with another transport.',
        ),
      ]);
    }
    if (isResponse(ending, 500, 'Server Internal Error') && progress.ringings === 0) {
      if (target.kind !== 'livekit')
        return target.kind === 'other' && isAtOnce(progress) ? alternative(evidence, fixes) : undefined;
      const asksForTransport =
        target.uri.scheme === 'sips' || ![undefined, 'udp', 'tcp'].includes(target.uri.transport);
      const isIpv6 = target.uri.host.includes(':');
      return asksForTransport || isIpv6 ? observed('likely', evidence, fixes) : observed('possible', evidence, fixes);
    }
    if (!isAnonymous503(ending) || target.kind === 'own' || progress.ringings > 0) return undefined;
    const isExplained = host?.kind === 'wrong' || (mayConflict(match) && neighbours.outage !== 'supported');
    if (isExplained || !(isAtOnce(progress) || isAfterSilence(progress))) return alternative(evidence, fixes);
    // Without its phrase it may be a Jambonz limit; after a silence, any of the host's addresses may have sent it.
    const isOpen = isPhraseless503(ending) || isAfterSilence(progress) || isOutageUnconfirmed({ neighbours, match });
    return observed(isOpen ? 'possible' : 'likely', evidence, fixes);
  },
  examples: [
    {
      shows: 'a 503 "Service Unavailable" within 0.1 s is a refused connection, or the far end’s own answer',
      call: { response: [503, 'Service Unavailable', 60] },
      // In the very millisecond of the INVITE, too.
      alike: [[503, 'Service Unavailable', 0]],
      livekit: {},
      want: {
        blocking: ['transport_unreachable'],
        confidence: 'likely',
        alternatives: ['livekit_quota_exceeded', 'livekit_unavailable'],
      },
    },
    {
      shows: 'an immediate phraseless 503 may be a Jambonz limit or a refused connection',
      call: { response: [503, 'Max Account Calls In Progress', 30], lost: 'final' },
      livekit: {},
      want: {
        blocking: ['transport_unreachable'],
        confidence: 'possible',
        alternatives: [
          'jambonz_account_limit',
          'jambonz_capacity',
          'jambonz_no_subscription',
          'jambonz_service_provider_limit',
          'dns_failure',
          'livekit_quota_exceeded',
          'livekit_unavailable',
        ],
      },
    },
    {
      shows: 'a 503 "Service Unavailable" after 32 s of silence came from the host’s next address',
      call: { response: [503, 'Service Unavailable', 32_090] },
      livekit: {},
      want: {
        blocking: ['transport_unreachable'],
        confidence: 'possible',
        alternatives: ['livekit_quota_exceeded', 'livekit_unavailable'],
      },
    },
    {
      shows: 'a 503 "Service Unavailable" within 0.1 s on a carrier leg is a refused connection, or the carrier',
      call: { to: '+15550199', response: [503, 'Service Unavailable', 60] },
      want: { blocking: ['transport_unreachable'], confidence: 'likely', alternatives: ['carrier_rejected'] },
    },
    {
      shows: 'a 503 with the stack’s own phrase means that the SBC lacks the transport',
      call: { response: [503, 'No transport', 20] },
      alike: [[503, 'Cannot insert Via', 20]],
      livekit: {},
      want: { blocking: ['transport_unreachable'], confidence: 'certain' },
    },
    {
      shows: 'the stack’s own phrase after ringing is the last gateway’s: another one rang',
      call: { to: '+15550199', ringing: [90, 1_090], response: [503, 'No transport', 5_000] },
      want: { blocking: ['transport_unreachable'], confidence: 'likely' },
    },
    {
      shows: 'the stack’s own phrase after LiveKit rang is not certain: another address answered before',
      call: { ringing: [90, 1_090], response: [503, 'No transport', 5_000] },
      livekit: {},
      want: { blocking: ['transport_unreachable'], confidence: 'likely' },
    },
    {
      shows: 'a 416 for a sips: URI means that the SBC lacks TLS',
      call: { to: 'sips:+15550100@lab.sip.livekit.cloud', response: [416, 'Unsupported URI Scheme', 20] },
      livekit: {},
      want: { blocking: ['transport_unreachable'], confidence: 'certain' },
    },
    {
      shows: 'a 416 for a sip: URI is not certain, since the stack never sends it',
      call: { response: [416, 'Unsupported URI Scheme', 20] },
      livekit: {},
      want: { blocking: ['transport_unreachable'], confidence: 'likely' },
    },
    {
      shows: 'an immediate 500 for a TLS URI means that the SBC lacks TLS, or is LiveKit’s empty 500',
      call: { to: 'sip:+15550100@lab.sip.livekit.cloud;transport=tls', response: [500, 'Server Internal Error', 20] },
      livekit: {},
      want: { blocking: ['transport_unreachable'], confidence: 'likely', alternatives: ['media_negotiation_failed'] },
    },
    {
      shows: 'an immediate 500 for an IPv6 host means that the SBC lacks IPv6, or is LiveKit’s empty 500',
      call: { to: 'sip:+15550100@[2001:db8::5]', response: [500, 'Server Internal Error', 20] },
      livekit: {},
      want: { blocking: ['transport_unreachable'], confidence: 'likely', alternatives: ['media_negotiation_failed'] },
    },
    {
      shows: 'for an immediate 500 with a plain URI, the transport is the best explanation, but a weak one',
      call: { response: [500, 'Server Internal Error', 20] },
      livekit: {},
      want: { blocking: ['transport_unreachable'], confidence: 'possible', alternatives: ['media_negotiation_failed'] },
    },
    {
      shows: 'a 503 "Service Unavailable" after 0.5 s can’t be told from a reset',
      call: { response: [503, 'Service Unavailable', 500] },
      livekit: {},
      want: {
        blocking: ['livekit_unavailable'],
        confidence: 'possible',
        alternatives: ['transport_unreachable', 'livekit_quota_exceeded'],
      },
    },
    {
      shows: 'a 503 "Service Unavailable" after ringing is no refused connection',
      call: { to: '+15550199', ringing: [40], response: [503, 'Service Unavailable', 60] },
      want: { blocking: ['carrier_rejected'], confidence: 'likely' },
    },
  ],
});

const CHECK_GATEWAY =
  'From the SBC, check the host, port and transport of the carrier’s gateway in Jambonz: firewall, listening port, TLS.';

function transportEvidence(target: Target): Evidence[] {
  if (target.kind !== 'livekit' || target.viaCarrier) return [];
  const { scheme, host, port, transport } = target.uri;
  const value = `${scheme}, ${host}${port === undefined ? '' : `, port ${port}`}, transport ${transport ?? 'not given'}`;
  return [{ name: 'dialled', value, source: 'jambonz' }];
}
