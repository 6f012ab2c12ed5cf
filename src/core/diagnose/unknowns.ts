import type { Evidence } from './cause.ts';
import type { Facts } from './facts/facts.ts';
import type { AgentSeen, LiveKitReport, RoomClosed } from './facts/liveKitReport.ts';

const CLOSED: Record<RoomClosed, string> = {
  deleted: 'the room was deleted while it rang',
  server_shutdown: 'the server shut down while it rang',
  unknown: 'the room ended while it rang',
};

/** What LiveKit's webhooks say of an attempt, as evidence. Empty where none of them is of this call. */
export function liveKitReportEvidence(report: LiveKitReport): Evidence[] {
  if (report.kind !== 'admitted') return [];
  const evidence = [said('participant', `joined room ${report.room}${HOW[report.joinedBy]}`)];
  evidence.push(said('agent', agentWords(report.agent, report.isWhole)));
  if (report.roomClosed) evidence.push(said('room', CLOSED[report.roomClosed]));
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
export function connectedSummary(report: LiveKitReport): string {
  const early = report.kind === 'admitted' ? report.agentLeftEarly : undefined;
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

/**
 * Whether it is known that this LiveKit refuses a call as this one was answered. Self-hosted builds were seen to fall
 * silent, newer ones and LiveKit Cloud have a 404; that Cloud falls silent as well is not known. A name of a
 * SIP host alone does not say that it is Cloud: self-hosted LiveKit was recorded behind such a name.
 */
export function isRefusalKnown({ deployment, stage, ending }: Facts): boolean {
  if (stage !== 'refused' || deployment?.kind !== 'cloud' || !deployment.isConfigured) return true;
  return ending.kind === 'response' && ending.status === 404;
}

/** What is not known of a call because LiveKit Cloud and self-hosted LiveKit differ. */
export function deploymentUnknowns(facts: Facts): string[] {
  const { deployment, stage, ending, host } = facts;
  const unknowns: string[] = [];
  if (!deployment) return unknowns;
  if (!isRefusalKnown(facts)) {
    unknowns.push(
      'Whether LiveKit Cloud falls silent on a call that it matches nothing for: self-hosted builds were seen to, and of Cloud only a 404 is known.',
    );
  }
  if (deployment.kind === 'cloud' && host?.kind === 'wrong') {
    unknowns.push('What LiveKit Cloud answers on a host that is not the project’s SIP host.');
  }
  if (deployment.kind === 'unknown' && (stage === 'refused' || (ending.kind === 'response' && ending.status === 503))) {
    unknowns.push(`Whether this LiveKit is LiveKit Cloud or self-hosted: ${deployment.basis}. Set LIVEKIT_DEPLOYMENT.`);
  }
  return unknowns;
}
