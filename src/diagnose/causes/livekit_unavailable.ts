import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, observed, responseEvidence } from '../claims.ts';
import { isAnonymous503, isConflictExpected, isTryAgainLater } from '../liveKitResponses.ts';

/** A refused or reset connection fails within this time; a SIP answer from LiveKit's backend takes longer. */
export const REFUSED_AT_ONCE_MS = 100;

export const livekitUnavailable = defineCause({
  id: 'livekit_unavailable',
  title: 'LiveKit could not process the call',
  party: 'livekit',
  stage: 'backend',
  meaning:
    'LiveKit’s SIP service answered 503 because it could not reach its backend: livekit-server or Redis is down, frozen ' +
    'or unreachable. Two conflicting trunks or dispatch rules answer the same; the configuration shows none.',
  fix: 'Restore livekit-server and Redis, and the connection of livekit-sip to them; on LiveKit Cloud see its status page.',
  needs: ['target', 'host', 'match', 'ending', 'progress'],
  match({ target, host, match, ending, progress }) {
    if (target.kind !== 'livekit') return undefined;
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix('Check livekit-server, Redis, and the connection of livekit-sip to both.')];
    const isExplained = host?.kind === 'wrong' || isConflictExpected(match);
    if (isTryAgainLater(ending)) {
      // The conflict of itself answers this; an outage on top of it cannot be seen.
      if (isConflictExpected(match)) return undefined;
      const between = match?.choice.kind === 'unknown' && match.choice.between;
      if (host?.kind === 'wrong' || between) return alternative(evidence, fixes);
      evidence.push({
        name: 'conflicting trunks or rules',
        value: match ? 'none in the configuration' : 'not known',
        source: 'match',
      });
      return observed(match ? 'likely' : 'possible', evidence, fixes);
    }
    if (!isAnonymous503(ending)) return undefined;
    const wasAtOnce = progress.precise && progress.elapsedMs !== undefined && progress.elapsedMs <= REFUSED_AT_ONCE_MS;
    if (isExplained || wasAtOnce) return alternative(evidence, fixes);
    return observed('possible', evidence, fixes);
  },
});
