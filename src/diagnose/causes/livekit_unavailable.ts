import { plainFix } from '../../fixes/fix.ts';
import type { Judgement } from '../../trunks/judge.ts';
import { defineCause } from '../cause.ts';
import { alternative, observed, responseEvidence } from '../claims.ts';
import { isAfterSilence, isAtOnce } from '../connecting.ts';
import { isAnonymous503, isConflictExpected, isLate, isTryAgainLater, mayConflict } from '../liveKitResponses.ts';
import { isOutageDoubtful } from '../neighbours.ts';

export const livekitUnavailable = defineCause({
  id: 'livekit_unavailable',
  title: 'LiveKit could not process the call',
  party: 'livekit',
  stage: 'backend',
  meaning:
    'LiveKit’s SIP service answered 503 because it could not reach its backend: livekit-server or Redis is down, frozen ' +
    'or unreachable. Two conflicting trunks or dispatch rules answer the same: then the configuration shows none, or calls that have none fail alike.',
  fix: 'Restore livekit-server and Redis, and the connection of livekit-sip to them; on LiveKit Cloud see its status page.',
  confidence: {
    likely:
      'LiveKit answered 503 "Try again later" and its configuration shows no conflict, or calls on other trunks without one failed alike at the same time.',
    possible:
      'LiveKit’s configuration is not known, or the 503 has a phrase that anybody may have said, or other calls were let in at the same time.',
  },
  needs: ['target', 'host', 'match', 'ending', 'progress', 'deployment', 'neighbours'],
  match({ target, host, match, ending, progress, deployment, neighbours }) {
    if (target.kind !== 'livekit') return undefined;
    const evidence = responseEvidence(ending, progress);
    const fixes = [plainFix(REMEDIES[deployment?.kind ?? 'unknown'])];
    const { outage } = neighbours;
    // A conflict by itself answers the same; where calls without one fail alike, and none is let in, it is an outage.
    const isExplained = host?.kind === 'wrong' || (mayConflict(match) && outage !== 'supported');
    if (isTryAgainLater(ending)) {
      // An outage on top of a conflict cannot be seen, unless by its delay or by other calls.
      if (isExplained && isConflictExpected(match) && outage !== 'mixed' && !isLate(progress)) return undefined;
      if (isExplained) return alternative(evidence, fixes);
      evidence.push({ name: 'conflicting trunks or rules', value: conflictWords(match), source: 'match' });
      return observed(match && !isOutageDoubtful({ neighbours, match }) ? 'likely' : 'possible', evidence, fixes);
    }
    if (!isAnonymous503(ending)) return undefined;
    if (isExplained || isAtOnce(progress) || isAfterSilence(progress)) return alternative(evidence, fixes);
    return observed(outage === 'supported' ? 'likely' : 'possible', evidence, fixes);
  },
});

const REMEDIES = {
  cloud: 'See LiveKit’s status page, and ask LiveKit with the Call-ID and the time of the call.',
  self_hosted: 'Check livekit-server, Redis, and the connection of livekit-sip to both.',
  unknown:
    'Check livekit-server, Redis, and the connection of livekit-sip to both; on LiveKit Cloud see its status page.',
};

function conflictWords(match: Judgement | undefined): string {
  if (!match) return 'not known';
  return mayConflict(match) ? 'in the configuration, and calls without one failed alike' : 'none in the configuration';
}
