import { plainFix } from '../../fixes/fix.ts';
import { defineCause, type Evidence } from '../cause.ts';
import { alternative, observed, responseEvidence } from '../claims.ts';
import { isAfterSilence, isAtOnce } from '../connecting.ts';
import { isResponse } from '../ending.ts';
import type { Target } from '../facts.ts';
import { isAnonymous503, isPhraseless503, mayConflict } from '../liveKitResponses.ts';
import { isOutageDoubtful } from '../neighbours.ts';

export const transportUnreachable = defineCause({
  id: 'transport_unreachable',
  title: 'the SBC could not open a connection to the far end',
  party: 'network',
  stage: 'network',
  meaning:
    'The connection was refused or reset, or the SBC has no such transport (TLS, WebSocket, IPv6). A refused connection is ' +
    '503 "Service Unavailable" within 0.1 s, which a far end may also have said itself.',
  fix: 'Check host, port and transport of the dialled SIP URI from the SBC: firewall, listening port, TLS.',
  confidence: {
    certain: 'The phrase of the SBC’s own SIP stack for a transport that it does not have, on a leg to LiveKit.',
    likely:
      'A 503 "Service Unavailable" within 0.1 s, a 500 at once for a transport that the SBC may not have, or a stack’s phrase that may be somebody else’s.',
    possible:
      'A 500 at once for a plain URI, a 503 at once without a phrase, or a 503 "Service Unavailable" only after an address was silent for 32 s, or while other calls got in.',
  },
  needs: ['target', 'host', 'match', 'ending', 'progress', 'neighbours'],
  match({ target, host, match, ending, progress, neighbours }) {
    const evidence = [...responseEvidence(ending, progress), ...transportEvidence(target)];
    const fixes = [plainFix(this.fix)];
    const hasNoTransport = isResponse(ending, 503, 'No transport', 'Cannot insert Via');
    if (hasNoTransport || isResponse(ending, 416)) {
      // Behind another far end's gateway somebody else's SIP stack may have said it; and 416 is for sips:.
      const isOurs = target.kind === 'livekit' && (hasNoTransport || target.uri.scheme === 'sips');
      return observed(isOurs ? 'certain' : 'likely', evidence, [
        plainFix('Configure the transport that the SIP URI asks for on the SBC, or dial with another one.'),
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
    // Without its phrase it may as well be a limit of Jambonz's; after a silence any of the host's addresses may have said it.
    const isOpen = isPhraseless503(ending) || isAfterSilence(progress) || isOutageDoubtful({ neighbours, match });
    return observed(isOpen ? 'possible' : 'likely', evidence, fixes);
  },
});

function transportEvidence(target: Target): Evidence[] {
  if (target.kind !== 'livekit') return [];
  const { scheme, host, port, transport } = target.uri;
  const value = `${scheme}, ${host}${port === undefined ? '' : `, port ${port}`}, transport ${transport ?? 'not given'}`;
  return [{ name: 'dialled', value, source: 'jambonz' }];
}
