import type { Evidence } from './cause.ts';
import type { Facts } from './facts.ts';
import type { AgentSeen, Heard, RoomClosed } from './heard.ts';

const CLOSED: Record<RoomClosed, string> = {
  deleted: 'the room was deleted while it rang',
  server_shutdown: 'the server shut down while it rang',
  unknown: 'the room ended while it rang',
};

/** What LiveKit's webhooks say of an attempt, as evidence. Empty where none of them is of this call. */
export function heardEvidence(heard: Heard): Evidence[] {
  if (heard.kind !== 'admitted') return [];
  const evidence = [said('participant', `joined room ${heard.room}${HOW[heard.joinedBy]}`)];
  evidence.push(said('agent', agentWords(heard.agent, heard.isWhole)));
  if (heard.roomClosed) evidence.push(said('room', CLOSED[heard.roomClosed]));
  return evidence;
}

/**
 * That LiveKit's webhooks tell of other calls and not of this one, as evidence for whoever looks into a call that was
 * not let in. A webhook may be lost, so no confidence rests on it.
 */
export function notAdmittedEvidence({ livekit, stage }: Pick<Facts, 'livekit' | 'stage'>): Evidence[] {
  if (livekit.kind !== 'not_admitted' || stage === 'admitted') return [];
  return [said('participant', 'none of this call was heard of, while LiveKit’s webhooks of others arrive')];
}

/** What is said of a call that connected: also when its agent left while the caller was still there. */
export function connectedSummary(heard: Heard): string {
  const early = heard.kind === 'admitted' ? heard.agentLeftEarly : undefined;
  if (!early) return 'The call connected.';
  const { afterSeconds, callerStayedSeconds } = early;
  const stayed =
    callerStayedSeconds === undefined ? 'was still there' : `stayed ${callerStayedSeconds.toFixed(0)} s longer`;
  return `The call connected; the agent left ${afterSeconds.toFixed(0)} s after it had answered, and the caller ${stayed}.`;
}

const HOW = {
  call_id: ', known by its SIP Call-ID',
  numbers: ', taken for this call by its numbers and time: the SIP Call-ID is not known on both sides',
};

function agentWords(agent: AgentSeen, isWhole: boolean): string {
  switch (agent.state) {
    case 'none':
      if (agent.isLate) return 'joined only after the call had ended';
      return isWhole ? 'none joined, until the room ended' : 'none joined';
    case 'job_only':
      return `a worker took the job, and no agent joined${agent.error === undefined ? '' : ` (${agent.error})`}`;
    case 'silent':
      return `joined after ${agent.joinedSeconds.toFixed(1)} s and published no audio while it rang${
        agent.wasPublisher === false ? '; LiveKit says it never published anything' : ''
      }`;
    case 'audible':
      return `joined after ${agent.joinedSeconds.toFixed(1)} s and published audio after ${agent.audioSeconds.toFixed(1)} s`;
  }
}

function said(name: string, value: string): Evidence {
  return { name, value, source: 'livekit' };
}
