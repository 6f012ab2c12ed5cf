import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, saidByLiveKit } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { rangOut } from '../../facts/timing.ts';
import { roomEvidence } from '../../unknowns.ts';

export const agentRejectedCall = defineCause({
  id: 'agent_rejected_call',
  title: 'the agent ended the call while it rang',
  party: 'agent',
  stage: 'agent',
  runbook: {
    meaning:
      'LiveKit admitted the call and rang, and an agent in the room ended the call before it was answered. LiveKit then answers 486 "Rejected", and the room lives on. Jambonz reports this as busy, but nobody was.',
    impact:
      'The caller hears ringing or silence for a while, and then the call ends. Trunk, rule and credentials are right.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows that an agent was in the room, and that the room was still open.',
      'Look in the agent’s log at that second for what made it end the call: a hang-up tool, a condition on the caller, or a failed start.',
      'Does the agent refuse callers on purpose, at its limit or outside its hours? Then the calls that it takes tell by what rule.',
    ],
    mitigation: [
      'Correct the agent’s condition, or let it answer and say why it can’t help: callers take a 486 for a busy line.',
      'If the agent fails before it publishes audio, mend that first: see agent_not_publishing.',
      'Verify that calls are answered again.',
    ],
  },
  fix: 'Look in the agent’s log for what made it end the call while it rang.',
  confidence: {
    likely:
      'LiveKit answered 486 before its ringing timeout, and its webhooks show an agent in a room that was still open.',
  },
  needs: ['target', 'match', 'ending', 'progress', 'livekit'],
  match({ target, match, ending, progress, livekit }) {
    if (target.kind !== 'livekit' || !isResponse(ending, 486) || rangOut(match, progress)) return undefined;
    const evidence = roomEvidence({ ending, progress, livekit });
    const fixes = [plainFix(this.fix)];
    if (livekit.kind !== 'admitted') return alternative(evidence, fixes);
    const { agent, roomClosed, isAborted } = livekit;
    if (isAborted || roomClosed || (agent.state !== 'silent' && agent.state !== 'audible')) return undefined;
    const room = { name: 'room', value: 'was still open when the call ended', source: 'livekit' } as const;
    return saidByLiveKit('likely', [...evidence, room], fixes);
  },
  examples: [
    {
      shows: 'a 486 with an agent in a room that lives on',
      call: {
        ringing: 'every second',
        response: [486, 'Rejected', 5_600],
        room: { callerJoined: 120, agentJoined: 740, callerLeft: 5_590, agentLeft: 25_000, finished: 45_000 },
      },
      livekit: {},
      want: {
        blocking: ['agent_rejected_call'],
        confidence: 'likely',
        alternatives: ['livekit_room_closed', 'agent_not_publishing'],
      },
    },
    {
      shows: 'a 486 at the ringing timeout is nobody’s decision',
      call: {
        ringing: 'every second',
        response: [486, 'Rejected', 180_200],
        room: { callerJoined: 120, agentJoined: 740, callerLeft: 180_190, agentLeft: 185_000, finished: 205_000 },
      },
      livekit: {},
      want: {
        blocking: ['agent_not_publishing'],
        confidence: 'likely',
        alternatives: ['livekit_room_closed'],
      },
    },
  ],
});
