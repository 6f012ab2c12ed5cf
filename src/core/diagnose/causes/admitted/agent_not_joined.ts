import { type Fix, plainFix } from '../../../fixes/fix.ts';
import { verdictOf } from '../../../fixes/prove.ts';
import { type Judgement, ruleThatAdmits } from '../../../trunks/judge/judge.ts';
import { agentEvidence, leftAlone, reachAgent } from '../../absentAgent.ts';
import { type Claim, type Confidence, defineCause, type Evidence } from '../../cause.ts';
import { alternative, observed, ringingTimeoutEvidence, saidByLiveKit } from '../../claims.ts';
import { type Ending, isResponse, type Progress } from '../../facts/ending.ts';
import type { Admitted, LiveKitReport } from '../../facts/liveKitReport.ts';
import { PATIENCE_SECONDS, rangOut } from '../../facts/timing.ts';
import { roomEvidence } from '../../unknowns.ts';

export const agentNotJoined = defineCause({
  id: 'agent_not_joined',
  title: 'LiveKit admitted the call, but no agent took it',
  party: 'agent',
  stage: 'agent',
  alsoAfterAnswer: true,
  runbook: {
    meaning:
      'LiveKit admitted the call, repeated the 180 every second, and waited for somebody in the room to publish audio. Nobody did. Either no worker took the job, or the agent joined but published nothing. Sometimes LiveKit answers with nobody in the room, as LiveKit Cloud was reported to do: the caller then hears silence, and the call counts as dropped.',
    impact:
      'Trunk, rule and credentials are right. The caller hears ringing or silence until the dial times out or the caller hangs up.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows how long the call rang. If LiveKit’s webhooks arrive, it also shows whether a worker got the job and who was in the room.',
      'If the call was answered all the same, LiveKit’s webhooks show that nobody was in the room while the caller was. Ask LiveKit why it answered. An agent whose webhooks were all lost looks the same: a recording, or the agent’s log, settles it.',
      'Is a worker running and registered with this project? Its log says when it registers. For agents on LiveKit Cloud, run `lk agent status` and `lk agent logs`.',
      'Is the agent dispatched by name? The explanation names the rule that admitted the call, and whom it dispatches. That name must equal the worker’s agent_name: a named worker takes no job that doesn’t name it, which LiveKit’s documentation calls the usual reason.',
      'Are all workers busy? They refuse jobs at their load limit. Compare the number of calls with the number of workers.',
      'Run `lk room list` while a call rings: the room exists, with one participant.',
    ],
    mitigation: [
      'Start or restart the workers, and add more if they are at their limit.',
      'Correct the agent’s name in the dispatch rule or in the worker.',
      'If the agent did join, make it publish its audio track before it loads models or calls an API. See agent_not_publishing.',
      'Verify that the 180 is followed by a 200 within a few seconds.',
    ],
  },
  fix: 'Name the worker’s agent_name in the dispatch rule’s room_config, and check that the worker is running and has capacity.',
  confidence: {
    certain:
      'LiveKit’s webhooks, matched to this call by SIP Call-ID, cover the room until its end, and nobody who could have answered was in it.',
    likely:
      'The 180 was repeated until the dial timed out or the caller had waited 10 s. LiveKit’s webhooks name no agent, or one of them may be missing. Or the call was answered, the caller was in the room for 10 s, LiveKit’s webhooks cover the room until its end, nobody else was in it, and the rule asks for no pin.',
    possible: 'The same for an answered call whose rule is unknown, or of whose room only the beginning was reported.',
  },
  needs: [
    'target',
    'stage',
    'match',
    'deployment',
    'ending',
    'progress',
    'lostToSibling',
    'livekit',
    'end',
    'transfer',
  ],
  match({ target, stage, match, deployment, ending, progress, lostToSibling, livekit, end, transfer }) {
    if (target.kind !== 'livekit') return undefined;
    if (ending.kind === 'answered') return leftAlone({ match, end, livekit, transfer });
    const mayRingSeldom =
      stage === 'refused' &&
      deployment?.kind !== 'cloud' &&
      // LiveKit reports a call that it admits when it enters the room and when it leaves.
      livekit.kind !== 'not_admitted' &&
      isWithinInterval(ending, progress);
    if (stage !== 'admitted' && !mayRingSeldom) return undefined;
    const evidence = roomEvidence({ ending, progress, livekit });
    const admitting = match && ruleThatAdmits(match);
    // A worker that took the job was reached, whatever the rule names.
    const isReached = livekit.kind === 'admitted' && livekit.agent.state === 'job_only';
    const reachWorker = reachAgent(isReached ? undefined : admitting, livekit);
    if (admitting) evidence.push(agentEvidence(admitting));
    const fixes = [
      ...reachWorker,
      plainFix('If the agent did join, make it publish its audio track before it does anything slow.'),
    ];
    const claim = (confidence: Confidence, shown: readonly Evidence[]): Claim | undefined =>
      livekit.kind === 'admitted' ? saidBy(livekit, shown, reachWorker) : observed(confidence, shown, fixes);
    if (mayRingSeldom) return withOneRinging(target.uri.isEscaped ? undefined : match, evidence, fixes);
    // An agent was in the room, or the room was closed: another cause says what went wrong.
    if (livekit.kind === 'admitted' && !isMissing(livekit)) return undefined;
    if (isResponse(ending, 486)) {
      const limit = rangOut(match, progress);
      if (limit) return claim('likely', [...evidence, ringingTimeoutEvidence(limit)]);
      return !match && isOnlyTimeoutLeft(livekit)
        ? saidByLiveKit('likely', evidence, fixes)
        : alternative(evidence, fixes);
    }
    if (ending.kind !== 'unanswered') return undefined;
    const gaveUpEarly = ending.endedBy === 'caller' && (progress.ringSeconds ?? 0) < PATIENCE_SECONDS;
    return gaveUpEarly || lostToSibling ? alternative(evidence, fixes) : claim('likely', evidence);
  },
  examples: [
    {
      shows: 'a room that nobody else joined until its end certainly had no agent',
      call: {
        ringing: 'every second',
        dialGaveUpAt: 20_000,
        room: { callerJoined: 120, callerLeft: 20_040, finished: 39_840 },
      },
      livekit: {},
      want: { blocking: ['agent_not_joined'], confidence: 'certain' },
    },
    {
      shows: 'a caller in a room that was open for a minute before gets no agent, because LiveKit dispatches none anew',
      call: {
        ringing: 'every second',
        dialGaveUpAt: 20_000,
        room: { started: -60_000, callerJoined: 120, callerLeft: 20_040, finished: 39_840 },
      },
      livekit: {},
      want: { blocking: ['agent_not_joined'], confidence: 'certain' },
    },
    {
      shows: 'a 486 for a call in a room that stayed open and that no agent entered rang out, whatever the trunk says',
      call: {
        ringing: 'every second',
        response: [486, 'Rejected', 20_000],
        room: { callerJoined: 120, callerLeft: 20_010, finished: 39_840 },
      },
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['livekit_room_closed'] },
    },
    {
      shows: 'without a report of the room’s end, the agent’s webhook may be lost',
      call: { ringing: 'every second', dialGaveUpAt: 20_000, room: { callerJoined: 120, callerLeft: 20_040 } },
      livekit: {},
      want: { blocking: ['agent_not_joined'], confidence: 'likely' },
    },
    {
      shows: 'one 180 for a call that a self-hosted LiveKit admits may be a long ringing interval, or no match at all',
      call: { to: 'sip:+15550100@sip.example.com', ringing: [90], dialGaveUpAt: 8_000 },
      livekit: {},
      settings: { livekit_sip_host: 'sip.example.com' },
      want: { blocking: ['unclassified'], confidence: 'possible', alternatives: ['agent_not_joined'] },
    },
    {
      shows: 'one 180 for a call that came from a listed address, as far as known, may be another address',
      call: { to: 'sip:+15550100@sip.example.com', ringing: [90], dialGaveUpAt: 8_000 },
      livekit: { trunks: [{ allowed_addresses: ['192.0.2.0/24'] }] },
      settings: { livekit_sip_host: 'sip.example.com' },
      want: {
        blocking: ['unclassified'],
        confidence: 'possible',
        alternatives: ['source_address_not_allowed', 'agent_not_joined'],
      },
    },
    {
      shows: 'a silence of a minute after one 180 is longer than any ringing interval',
      call: { to: 'sip:+15550100@sip.example.com', ringing: [90], dialGaveUpAt: 60_090 },
      livekit: {},
      settings: { livekit_sip_host: 'sip.example.com' },
      want: { blocking: ['unclassified'], confidence: 'possible' },
    },
    {
      shows: 'a rule that dispatches an agent by name reaches only a worker of that name',
      call: { ringing: 'every second', dialGaveUpAt: 20_000 },
      livekit: { rules: [{ room_config: { agents: [{ agent_name: 'desk-agent' }] } }] },
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['agent_not_publishing'] },
    },
    {
      shows: 'a fault in the configuration can’t have stopped a call that LiveKit admitted',
      call: { ringing: 'every second', dialGaveUpAt: 15_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['agent_not_publishing'] },
    },
    {
      shows: 'a 180 every second until the dial timed out means no agent',
      call: { ringing: 'every second', dialGaveUpAt: 20_000 },
      livekit: {},
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['agent_not_publishing'] },
    },
    {
      shows: 'a second 180 is enough to show that LiveKit admitted the call',
      call: { ringing: [90, 1_090], dialGaveUpAt: 5_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['agent_not_publishing'] },
    },
    {
      shows: 'an admitted call is recognised without LiveKit’s configuration',
      call: { ringing: 'every second', dialGaveUpAt: 20_000 },
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['agent_not_publishing'] },
    },
    {
      shows: 'a caller who waited 20 s for an agent left because none came',
      call: { ringing: 'every second', callerHungUpAt: 20_000 },
      livekit: {},
      want: {
        blocking: ['agent_not_joined'],
        confidence: 'likely',
        alternatives: ['agent_not_publishing', 'caller_abandoned'],
      },
    },
    {
      shows: 'a wildcard bypass is reported, whatever failed afterwards',
      call: { ringing: 'every second', dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }], rules: [{ trunk_ids: [] }] },
      want: {
        blocking: ['agent_not_joined'],
        confidence: 'likely',
        alternatives: ['agent_not_publishing'],
        findings: ['wildcard_rule_admits_unmatched_calls'],
        trunk: 'none',
      },
    },
    {
      shows: 'a wildcard rule is no bypass for a call that matches its trunk',
      call: { ringing: 'every second', dialGaveUpAt: 20_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550123'] }], rules: [{ trunk_ids: [] }] },
      want: {
        blocking: ['agent_not_joined'],
        confidence: 'likely',
        alternatives: ['agent_not_publishing'],
        trunk: 'ST_1',
      },
    },
    {
      shows: 'a call that LiveKit answered is connected',
      call: { ringing: [90], response: [200, 'OK', 900] },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'an answered call in whose room nobody else was while the caller was there had no agent',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 10_120,
        room: { callerJoined: 120, callerLeft: 10_140, agentJoined: 14_000, agentLeft: 31_000, finished: 32_000 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['agent_not_joined'], confidence: 'likely' },
    },
    {
      shows: 'an answered call of whose room only the beginning was reported may have had no agent',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 12_000,
        room: { started: 100, callerJoined: 120, callerLeft: 12_020 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['agent_not_joined'], confidence: 'possible' },
    },
    {
      shows: 'an answered call without LiveKit’s configuration may have been answered to ask for a pin',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 12_000,
        room: { callerJoined: 120, callerLeft: 12_020, finished: 32_000 },
      },
      want: { outcome: 'dropped', blocking: ['agent_not_joined'], confidence: 'possible' },
    },
    {
      shows: 'a call that was answered to ask for a pin needs no agent at first',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 12_000,
        room: { callerJoined: 120, callerLeft: 12_020, finished: 32_000 },
      },
      livekit: { rules: [{ rule: { dispatch_rule_individual: { room_prefix: 'call-', pin: '1234' } } }] },
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a caller who left an empty room within 10 s may not have waited for the agent',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 10_110,
        room: { callerJoined: 120, callerLeft: 10_130, finished: 32_000 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a room that may have been there for hours may have an agent in it',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 12_000,
        room: { callerJoined: 120, callerLeft: 12_020 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a caller who left after 4 s of ringing did not wait for the agent',
      call: { ringing: 'every second', callerHungUpAt: 4_000 },
      livekit: {},
      want: {
        outcome: 'not_counted',
        blocking: ['caller_abandoned'],
        confidence: 'likely',
        alternatives: ['agent_not_joined', 'agent_not_publishing'],
      },
    },
  ],
});

/** The longest time, in seconds, between two 180s: livekit-sip's `sip_ringing_interval` is 1 to 60 s. */
const LONGEST_INTERVAL_SECONDS = 60;

/** Whether a call with a single 180 may have ended before LiveKit would have repeated it. */
function isWithinInterval(ending: Ending, { ringings, ringSeconds = 0 }: Progress): boolean {
  return ending.kind === 'unanswered' && ringings === 1 && ringSeconds < LONGEST_INTERVAL_SECONDS;
}

/**
 * What one 180 and silence say where LiveKit may ring less often than every second: usually that it matched nothing, so no
 * agent is blamed for it.
 */
function withOneRinging(match: Judgement | undefined, evidence: Evidence[], fixes: readonly Fix[]): Claim | undefined {
  const verdict = match ? verdictOf(match) : 'unknown';
  if (verdict === 'refused') return undefined;
  if (verdict === 'admitted') {
    evidence.push({
      name: 'one 180',
      value:
        'either LiveKit repeats its 180 less often than every second (sip_ringing_interval) and no agent came, or it matched nothing, because another configuration was in force',
      source: 'match',
    });
  }
  return alternative(evidence, fixes);
}

function isMissing({ agent, roomClosed, isAborted }: Admitted): boolean {
  if (isAborted || roomClosed === 'deleted' || roomClosed === 'server_shutdown') return false;
  return agent.state === 'none' || agent.state === 'job_only';
}

/**
 * Whether LiveKit's webhooks exclude every other source of a 486: the room was there until after the call, livekit-sip was
 * in it, and no agent was, who could have ended the call. A ringing_timeout that isn't known is left.
 */
function isOnlyTimeoutLeft(livekit: LiveKitReport): boolean {
  return livekit.kind === 'admitted' && livekit.isWhole && !livekit.roomClosed;
}

/**
 * Webhooks get lost. LiveKit reports an agent twice, when it joins and when it leaves, and its leaving comes
 * before the end of the room. So no single lost webhook hides it once the room's end was reported: only then is its
 * absence certain, and only in a room where nobody else could have answered in its place.
 */
function saidBy(report: Admitted, evidence: readonly Evidence[], fixes: Claim['fixes'] = []): Claim {
  const { agent, joinedBy, isWhole, hasOthers } = report;
  const isCertain =
    agent.state === 'none' && !agent.isLate && joinedBy === 'call_id' && isWhole && !hasOthers && !report.roomClosed;
  return saidByLiveKit(isCertain ? 'certain' : 'likely', evidence, fixes);
}
