import { trunkName } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { observed } from '../../claims.ts';
import { endEvidence } from '../../endEvidence.ts';
import { reachedLimit } from '../../facts/timing.ts';

export const callLimitReached = defineCause({
  id: 'call_limit_reached',
  title: 'the call reached the trunk’s max_call_duration',
  party: 'nobody',
  stage: 'after_answer',
  runbook: {
    meaning:
      'The inbound trunk limits the length of calls with max_call_duration, and LiveKit hung up at that second. The call connected.',
    impact: 'The call ends in the middle of a sentence. This does not count as a failure.',
    diagnosis: ['`sipwhy explain CALL_SID` shows the limit, its trunk, and how long the call lasted.'],
    mitigation: ['If calls may last longer, raise max_call_duration of the trunk, and verify with `sipwhy audit`.'],
  },
  fix: 'No action, unless calls may last longer: then raise max_call_duration of the trunk.',
  confidence: {
    likely: 'The call ended from LiveKit’s side as long after its answer as max_call_duration says.',
  },
  needs: ['target', 'match', 'end', 'livekit', 'transfer'],
  match({ target, match, end, livekit, transfer }) {
    if (target.kind !== 'livekit' || end?.by !== 'far_end' || transfer?.kind === 'accepted') return undefined;
    const leftBecause = livekit.kind === 'admitted' ? livekit.leftBecause : undefined;
    if (leftBecause !== undefined && leftBecause !== 'CLIENT_INITIATED') return undefined;
    const limit = reachedLimit(match, end);
    if (!limit) return undefined;
    const { trunk, seconds } = limit;
    return observed('likely', [
      ...endEvidence({ end, livekit }),
      { name: `max_call_duration of ${trunkName(trunk)}`, value: `${seconds} s`, source: 'match' },
    ]);
  },
  examples: [
    {
      shows: 'a call that LiveKit ended 0.5 s after the trunk’s max_call_duration',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 600_700,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 600_720, agentLeft: 620_000 },
      },
      livekit: { trunks: [{ max_call_duration: '600s' }] },
      want: { outcome: 'connected', blocking: ['call_limit_reached'], confidence: 'likely' },
    },
    {
      shows: 'a call that LiveKit ended at the trunk’s max_call_duration, without LiveKit’s webhooks',
      call: { ringing: [90], answeredAt: 200, farEndHungUpAt: 600_200 },
      livekit: { trunks: [{ max_call_duration: '600s' }] },
      want: { outcome: 'connected', blocking: ['call_limit_reached'], confidence: 'likely' },
    },
    {
      shows: 'a call that LiveKit ended more than 0.5 s after the trunk’s max_call_duration ended for another reason',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 600_710,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 600_730, agentLeft: 620_000 },
      },
      livekit: { trunks: [{ max_call_duration: '600s' }] },
      want: { outcome: 'dropped', blocking: ['media_timeout'], confidence: 'possible' },
    },
    {
      shows: 'a call that was transferred at the trunk’s max_call_duration ended by the transfer',
      call: { ringing: [90], answeredAt: 200, farEndHungUpAt: 600_200, transfers: [{ error: null, at: 600_100 }] },
      livekit: { trunks: [{ max_call_duration: '600s' }] },
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a room that was deleted at the trunk’s max_call_duration was deleted',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 600_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, roomDeleted: 600_180 },
      },
      livekit: { trunks: [{ max_call_duration: '600s' }] },
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
  ],
});
