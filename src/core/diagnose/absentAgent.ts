import { type Fix, plainFix, ruleName } from '../fixes/fix.ts';
import { nameAgent } from '../fixes/ruleFix.ts';
import { agentNamesOf } from '../trunks/agents.ts';
import { ruleThatAdmits } from '../trunks/judge/judge.ts';
import type { DispatchRule } from '../trunks/snapshot.ts';
import type { Claim, Evidence } from './cause.ts';
import { saidByLiveKit } from './claims.ts';
import { endEvidence } from './endEvidence.ts';
import type { Facts } from './facts/facts.ts';
import type { LiveKitReport } from './facts/liveKitReport.ts';
import { PATIENCE_SECONDS } from './facts/timing.ts';
import { liveKitReportEvidence, wasOpen } from './unknowns.ts';

/**
 * What an answered call shows in which nobody was in the room with the caller. LiveKit answers once somebody publishes
 * audio, or at once to ask for a pin, so either it answered too soon, or webhooks are missing: this is never certain.
 *
 * The caller waits for an agent from entering the room on, whether it rings or is answered. As while it rings, a caller
 * who leaves sooner than PATIENCE_SECONDS may simply not have waited: an agent takes seconds to join.
 */
export function leftAlone({
  match,
  end,
  livekit,
  transfer,
}: Pick<Facts, 'match' | 'end' | 'livekit' | 'transfer'>): Claim | undefined {
  if (!end || livekit.kind !== 'admitted' || !livekit.isAlone || transfer?.kind === 'accepted') return undefined;
  const { agent, rule, isWhole, openedSecondsBefore, joinedBy, callerSeconds = 0 } = livekit;
  // Without its beginning, somebody may have been in the room for hours.
  if (callerSeconds < PATIENCE_SECONDS || !(isWhole || openedSecondsBefore !== undefined)) return undefined;
  const admitting = match && ruleThatAdmits(match);
  if (admitting && admitting.pin !== '') return undefined;
  const isRuleKnown = admitting !== undefined && (rule === undefined || rule === admitting.sip_dispatch_rule_id);
  const evidence: Evidence[] = [
    ...endEvidence({ end, livekit }),
    ...liveKitReportEvidence(livekit),
    {
      name: 'caller',
      value: `was in the room for ${callerSeconds.toFixed(1)} s, and nobody else was there`,
      source: 'livekit',
    },
    ...(admitting ? [agentEvidence(admitting)] : []),
  ];
  return saidByLiveKit(isWhole && isRuleKnown && joinedBy === 'call_id' ? 'likely' : 'possible', evidence, [
    ...reachAgent(agent.state === 'job_only' ? undefined : admitting, livekit),
    plainFix('If the agent was there all the same, check that every webhook of LiveKit reaches this service.'),
  ]);
}

/** Whom the rule dispatches, as evidence. */
export function agentEvidence(rule: DispatchRule): Evidence {
  const names = agentNamesOf(rule);
  const value =
    names.length === 0
      ? `${ruleName(rule)} names no agent, so it reaches only a worker without an agent_name`
      : `${ruleName(rule)} dispatches ${quoted(names)}`;
  return { name: 'dispatched agent', value, source: 'match' };
}

/** How an agent comes to the call. `rule`: the one that dispatches it; `undefined` if it is unknown, or reached a worker. */
export function reachAgent(rule: DispatchRule | undefined, livekit: LiveKitReport): Fix[] {
  const inOpenRoom = livekit.kind === 'admitted' && wasOpen(livekit) ? [OWN_ROOM] : [];
  return [...inOpenRoom, ...(rule ? fixesOf(rule) : [CHECK_WORKER])];
}

const OWN_ROOM = plainFix(
  'Give each call a room of its own (dispatch_rule_individual), or have the application dispatch the agent when a caller enters an open room: LiveKit does that only when it creates the room.',
);

const CHECK_WORKER = plainFix(
  'Check that a worker is registered for the dispatch rule’s agent, has capacity, and joins the room.',
);

function fixesOf(rule: DispatchRule): Fix[] {
  const names = agentNamesOf(rule);
  if (names.length > 0) {
    return [
      plainFix(
        `Check that a worker with the agent_name ${quoted(names)} is running in this LiveKit project, and has capacity: ${ruleName(rule)} dispatches it.`,
      ),
    ];
  }
  return [
    nameAgent(rule, `If the worker has an agent_name, name it in room_config of ${ruleName(rule)}.`),
    plainFix('If it has none, check that it is running in this LiveKit project, and has capacity.'),
  ];
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(', ');
}
