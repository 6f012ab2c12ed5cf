import { plainFix } from '../../fixes/fix.ts';
import { type Claim, type Confidence, defineCause, type Evidence } from '../cause.ts';
import { alternative, observed, responseEvidence, ringingEvidence, saidByLiveKit } from '../claims.ts';
import { isResponse } from '../ending.ts';
import type { Admitted } from '../heard.ts';
import { heardEvidence } from '../heardEvidence.ts';
import { rangOut } from '../ringingTimeout.ts';

/** Callers who hang up sooner may simply not have waited for the agent. */
export const PATIENCE_SECONDS = 10;

export const agentNotJoined = defineCause({
  id: 'agent_not_joined',
  title: 'LiveKit admitted the call, and no agent answered it',
  party: 'agent',
  stage: 'agent',
  meaning:
    'The 180 was repeated every second: LiveKit admitted the call and waited for somebody in the room to publish audio. ' +
    'No agent did. Either no worker took the job, or the agent joined and published nothing.',
  fix: 'Check that an agent worker is running, registered under the name that the dispatch rule asks for, and has capacity.',
  confidence: {
    certain:
      'LiveKit’s webhooks of this very call, known by its SIP Call-ID, tell of the room up to its end, and nobody who could have answered was in it.',
    likely:
      'The 180 was repeated until the dial gave up or the caller had waited 10 s, and LiveKit’s webhooks name no agent, or one of them may be missing.',
  },
  needs: ['target', 'stage', 'match', 'ending', 'progress', 'lostToSibling', 'livekit'],
  match({ target, stage, match, ending, progress, lostToSibling, livekit }) {
    if (target.kind !== 'livekit' || stage !== 'admitted' || ending.kind === 'answered') return undefined;
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress), ...heardEvidence(livekit)];
    const fixes = [
      plainFix(
        'Check that a worker is registered for the agent of the dispatch rule, has capacity, and joins the room.',
      ),
      plainFix('If the agent did join, make it publish its audio track before it does anything slow.'),
    ];
    const claim = (confidence: Confidence, shown: readonly Evidence[]): Claim | undefined =>
      livekit.kind === 'admitted' ? saidBy(livekit, shown, fixes.slice(0, 1)) : observed(confidence, shown, fixes);
    // Somebody was there, or the room was not: another cause says what went wrong.
    if (livekit.kind === 'admitted' && !isMissing(livekit)) return undefined;
    if (isResponse(ending, 486)) {
      return rangOut(match, progress) ? claim('likely', evidence) : alternative(evidence, fixes);
    }
    if (ending.kind !== 'unanswered') return undefined;
    const gaveUpEarly = ending.endedBy === 'caller' && (progress.ringSeconds ?? 0) < PATIENCE_SECONDS;
    return gaveUpEarly || lostToSibling ? alternative(evidence, fixes) : claim('likely', evidence);
  },
});

function isMissing({ agent, roomClosed }: Admitted): boolean {
  if (roomClosed === 'deleted' || roomClosed === 'server_shutdown') return false;
  return agent.state === 'none' || agent.state === 'job_only';
}

/**
 * Webhooks get lost. An agent that was there is told of twice, when it joins and when it leaves, and its leaving comes
 * before the end of the room. So no single lost webhook hides it once the room's end was heard of: only then is its
 * absence certain, and only in a room where nobody else could have answered in its place.
 */
function saidBy(heard: Admitted, evidence: readonly Evidence[], fixes: Claim['fixes'] = []): Claim {
  const { agent, joinedBy, isWhole, hasOthers } = heard;
  const isCertain =
    agent.state === 'none' && !agent.isLate && joinedBy === 'call_id' && isWhole && !hasOthers && !heard.roomClosed;
  return saidByLiveKit(isCertain ? 'certain' : 'likely', evidence, fixes);
}
