import { plainFix } from '../../fixes/fix.ts';
import { defineCause, type Evidence } from '../cause.ts';
import { alternative, observed, responseEvidence } from '../claims.ts';
import { isResponse } from '../ending.ts';
import type { Target } from '../facts.ts';
import { isAnonymous503, isConflictExpected } from '../liveKitResponses.ts';
import { REFUSED_AT_ONCE_MS } from './livekit_unavailable.ts';

export const transportUnreachable = defineCause({
  id: 'transport_unreachable',
  title: 'the SBC could not open a connection to the far end',
  party: 'network',
  stage: 'network',
  meaning:
    'The connection was refused or reset, or the SBC has no such transport (TLS, WebSocket, IPv6). A refused connection is ' +
    '503 "Service Unavailable" within 0.1 s, which a far end may also have said itself.',
  fix: 'Check host, port and transport of the dialled SIP URI from the SBC: firewall, listening port, TLS.',
  needs: ['target', 'host', 'match', 'ending', 'progress'],
  match({ target, host, match, ending, progress }) {
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
    const { precise, elapsedMs } = progress;
    const wasAtOnce = precise && elapsedMs !== undefined && elapsedMs <= REFUSED_AT_ONCE_MS;
    if (isResponse(ending, 500, 'Server Internal Error') && progress.ringings === 0) {
      if (target.kind !== 'livekit')
        return target.kind === 'other' && wasAtOnce ? alternative(evidence, fixes) : undefined;
      const asksForTransport =
        target.uri.scheme === 'sips' || ![undefined, 'udp', 'tcp'].includes(target.uri.transport);
      const isIpv6 = target.uri.host.includes(':');
      return asksForTransport || isIpv6 ? observed('likely', evidence, fixes) : observed('possible', evidence, fixes);
    }
    if (!isAnonymous503(ending) || target.kind === 'own' || progress.ringings > 0) return undefined;
    if (!wasAtOnce || host?.kind === 'wrong' || isConflictExpected(match)) return alternative(evidence, fixes);
    return observed('likely', evidence, fixes);
  },
});

function transportEvidence(target: Target): Evidence[] {
  if (target.kind !== 'livekit') return [];
  const { scheme, host, port, transport } = target.uri;
  const value = `${scheme}, ${host}${port === undefined ? '' : `, port ${port}`}, transport ${transport ?? 'not given'}`;
  return [{ name: 'dialled', value, source: 'jambonz' }];
}
