import type { Evidence } from './cause.ts';
import { responseEvidence, ringingEvidence } from './claims.ts';
import type { Facts } from './facts/facts.ts';
import {
  type Admitted,
  type AgentSeen,
  type LiveKitReport,
  namesCallId,
  type RoomClosed,
} from './facts/liveKitReport.ts';

const CLOSED: Record<RoomClosed, string> = {
  deleted: 'the room was deleted while it rang',
  server_shutdown: 'the server shut down while it rang',
  unknown: 'the room ended while it rang',
};

/** How a call ended that may have been in a room: the response, the ringing, and what LiveKit's webhooks say. */
export function roomEvidence({
  ending,
  progress,
  livekit,
}: Pick<Facts, 'ending' | 'progress' | 'livekit'>): Evidence[] {
  return [...responseEvidence(ending, progress), ...ringingEvidence(progress), ...liveKitReportEvidence(livekit)];
}

/** What LiveKit's webhooks say about an attempt, as evidence. Empty if none of them is about this call. */
export function liveKitReportEvidence(report: LiveKitReport): Evidence[] {
  if (report.kind !== 'admitted') return [];
  const how = report.isAborted ? 'never got into room' : 'joined room';
  const evidence = [reported('participant', `${how} ${report.room}${HOW[report.joinedBy]}`)];
  evidence.push(reported('agent', agentWords(report.agent, report.isWhole)));
  if (wasOpen(report)) {
    const value = `was open for ${report.openedSecondsBefore?.toFixed(0)} s before this call, and LiveKit dispatches agents when it creates a room`;
    evidence.push(reported('room', value));
  }
  if (report.roomClosed) evidence.push(reported('room', CLOSED[report.roomClosed]));
  return evidence;
}

/**
 * Evidence that LiveKit's webhooks report other calls but not this one, for a call that LiveKit
 * did not let in. A webhook may be lost, so no confidence rests on it.
 */
export function notAdmittedEvidence({ livekit, stage }: Pick<Facts, 'livekit' | 'stage'>): Evidence[] {
  if (livekit.kind !== 'not_admitted' || stage === 'admitted') return [];
  return [reported('participant', 'none reported for this call, although LiveKit’s webhooks for other calls arrive')];
}

/** That a number went through a carrier that is LiveKit, as evidence: LiveKit then sees another number. */
export function carrierEvidence({ target }: Pick<Facts, 'target'>): Evidence[] {
  if (target.kind !== 'livekit' || !target.viaCarrier) return [];
  const value = `${target.to} went through a carrier of Jambonz to LiveKit; the SBC strips the +, so LiveKit sees ${target.uri.user}`;
  return [{ name: 'dialled number', value, source: 'jambonz' }];
}

/** A room that is created for a call, by the dispatch rule or just before the dial, is not open for longer, in seconds. */
const OPEN_SECONDS = 10;

/** Whether a caller to whom no agent came entered a room that was open long before. */
export function wasOpen({ agent, openedSecondsBefore = 0 }: Admitted): boolean {
  return (agent.state === 'none' || agent.state === 'job_only') && openedSecondsBefore >= OPEN_SECONDS;
}

const HOW = {
  call_id: ' (matched by SIP Call-ID)',
  numbers: ' (matched by numbers and time, because one side did not report the SIP Call-ID)',
};

function agentWords(agent: AgentSeen, isWhole: boolean): string {
  switch (agent.state) {
    case 'none':
      if (agent.isLate) return 'joined only after the call ended';
      return isWhole ? 'none joined before the room ended' : 'none joined';
    case 'job_only':
      return `a worker took the job, but no agent joined${errorWords(agent)}`;
    case 'silent':
      return `joined after ${agent.joinedSeconds.toFixed(1)} s but published no audio while it rang${
        agent.leftSeconds === undefined ? '' : `, and left after ${agent.leftSeconds.toFixed(1)} s`
      }${errorWords(agent)}${agent.wasPublisher === false ? '; LiveKit says it never published anything' : ''}`;
    case 'audible':
      return `joined after ${agent.joinedSeconds.toFixed(1)} s and published audio after ${agent.audioSeconds.toFixed(1)} s`;
  }
}

function errorWords({ error }: { readonly error: string | undefined }): string {
  return error === undefined ? '' : ` (${error})`;
}

function reported(name: string, value: string): Evidence {
  return { name, value, source: 'livekit' };
}

/**
 * Whether this LiveKit is known to refuse calls in the way this call ended. Self-hosted builds were seen to fall
 * silent; newer builds and LiveKit Cloud answer 404. Whether Cloud also falls silent is not known. The name of a
 * SIP host alone does not prove Cloud: self-hosted LiveKit was recorded behind a name like Cloud's.
 */
export function isRefusalKnown(facts: Facts): boolean {
  const { deployment, stage, ending } = facts;
  if (isCarrierInferred(facts)) return false;
  if (stage !== 'refused' || deployment?.kind !== 'cloud' || !deployment.isConfigured) return true;
  return ending.kind === 'response' && ending.status === 404;
}

/** Whether only the silence after one 180 suggests that a carrier is LiveKit. */
function isCarrierInferred({ target, ending, livekit }: Facts): boolean {
  const isInferred = target.kind === 'livekit' && target.viaCarrier === true && ending.kind === 'unanswered';
  return isInferred && !namesCallId(livekit);
}

/** What is unknown about a call because LiveKit Cloud and self-hosted LiveKit differ. */
export function deploymentUnknowns(facts: Facts): string[] {
  const { deployment, stage, ending, host } = facts;
  const unknowns: string[] = [];
  if (!deployment) return unknowns;
  if (isCarrierInferred(facts)) {
    unknowns.push('Whether the carrier of this number is LiveKit: no webhook names it. Set JAMBONZ_LIVEKIT_CARRIERS.');
  } else if (!isRefusalKnown(facts)) {
    unknowns.push(
      'Whether LiveKit Cloud refuses calls by silence: self-hosted builds do, but Cloud is only known to answer 404.',
    );
  }
  if (deployment.kind === 'cloud' && host?.kind === 'wrong') {
    unknowns.push('What LiveKit Cloud answers on a host other than the project’s SIP host.');
  }
  if (deployment.kind === 'unknown' && (stage === 'refused' || (ending.kind === 'response' && ending.status === 503))) {
    unknowns.push(`Whether this LiveKit is LiveKit Cloud or self-hosted: ${deployment.basis}. Set LIVEKIT_DEPLOYMENT.`);
  }
  return unknowns;
}
