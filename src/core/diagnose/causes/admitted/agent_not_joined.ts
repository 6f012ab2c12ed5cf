import { plainFix } from '../../../fixes/fix.ts';
import { type Claim, type Confidence, defineCause, type Evidence } from '../../cause.ts';
import { alternative, observed, responseEvidence, ringingEvidence, saidByLiveKit } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import type { Admitted } from '../../facts/liveKitReport.ts';
import { PATIENCE_SECONDS, rangOut } from '../../facts/timing.ts';
import { liveKitReportEvidence } from '../../unknowns.ts';

export const agentNotJoined = defineCause({
  id: 'agent_not_joined',
  title: 'LiveKit admitted the call, and no agent answered it',
  party: 'agent',
  stage: 'agent',
  runbook: {
    meaning:
      'The 180 was repeated every second: LiveKit admitted the call and waited for somebody in the room to publish audio. No agent did. Either no worker took the job, or the agent joined and published nothing.',
    impact:
      'Trunk, rule and credentials are right. The caller waits, in ringing or in silence, until the dial gives up or the caller does.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows for how long it rang and, where LiveKit’s webhooks arrive, whether a job was given and who was in the room.',
      'Is a worker running and registered with this project? See its log: it says so when it registers. Agents on LiveKit Cloud: `lk agent status`, `lk agent logs`.',
      'Is the agent dispatched by name? The name in the rule’s room configuration and the agent_name of the worker must be the same; a worker with a name takes no job by itself.',
      'Are all workers full? They refuse jobs at their load limit. Compare the number of calls with the number of workers.',
      '`lk room list` while a call rings: the room is there, with one participant.',
    ],
    mitigation: [
      'Start or restart the workers; add some where they are at their limit.',
      'Correct the agent’s name in the dispatch rule or in the worker.',
      'If it did join: let it publish its audio track before it loads models or calls an API. See agent_not_publishing.',
      'It worked when the 180 ends in a 200 within a few seconds.',
    ],
  },
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
    const evidence = [
      ...responseEvidence(ending, progress),
      ...ringingEvidence(progress),
      ...liveKitReportEvidence(livekit),
    ];
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
  examples: [
    {
      shows: 'a room to whose end nobody else came shows for certain that there was no agent',
      call: {
        ringing: 'every second',
        dialGaveUpAt: 20_000,
        room: { callerJoined: 120, callerLeft: 20_040, finished: 39_840 },
      },
      livekit: {},
      want: { blocking: ['agent_not_joined'], confidence: 'certain' },
    },
    {
      shows: 'while the end of the room was not heard of, a webhook of the agent may be lost',
      call: { ringing: 'every second', dialGaveUpAt: 20_000, room: { callerJoined: 120, callerLeft: 20_040 } },
      livekit: {},
      want: { blocking: ['agent_not_joined'], confidence: 'likely' },
    },
    {
      shows: 'a fault in the configuration cannot be there where LiveKit admitted the call',
      call: { ringing: 'every second', dialGaveUpAt: 15_000 },
      livekit: { trunks: [{ allowed_numbers: ['+15550142'] }] },
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['agent_not_publishing'] },
    },
    {
      shows: 'a 180 every second until the dial gave up is no agent',
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
      shows: 'it takes no configuration to see that LiveKit admitted a call',
      call: { ringing: 'every second', dialGaveUpAt: 20_000 },
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['agent_not_publishing'] },
    },
    {
      shows: 'a caller who waited 20 s for an agent left because of that',
      call: { ringing: 'every second', callerHungUpAt: 20_000 },
      livekit: {},
      want: {
        blocking: ['agent_not_joined'],
        confidence: 'likely',
        alternatives: ['agent_not_publishing', 'caller_abandoned'],
      },
    },
    {
      shows: 'a wildcard rule that let the call in past its trunk is found, whoever failed then',
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
      shows: 'a wildcard rule is no hole for a call that its trunk takes',
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
      shows: 'a call that LiveKit answered connected',
      call: { ringing: [90], response: [200, 'OK', 900] },
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

function isMissing({ agent, roomClosed }: Admitted): boolean {
  if (roomClosed === 'deleted' || roomClosed === 'server_shutdown') return false;
  return agent.state === 'none' || agent.state === 'job_only';
}

/**
 * Webhooks get lost. An agent that was there is told of twice, when it joins and when it leaves, and its leaving comes
 * before the end of the room. So no single lost webhook hides it once the room's end was heard of: only then is its
 * absence certain, and only in a room where nobody else could have answered in its place.
 */
function saidBy(report: Admitted, evidence: readonly Evidence[], fixes: Claim['fixes'] = []): Claim {
  const { agent, joinedBy, isWhole, hasOthers } = report;
  const isCertain =
    agent.state === 'none' && !agent.isLate && joinedBy === 'call_id' && isWhole && !hasOthers && !report.roomClosed;
  return saidByLiveKit(isCertain ? 'certain' : 'likely', evidence, fixes);
}
