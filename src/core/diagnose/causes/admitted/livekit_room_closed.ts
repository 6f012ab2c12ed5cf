import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed, saidByLiveKit } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { rangOut } from '../../facts/timing.ts';
import { roomEvidence } from '../../unknowns.ts';

export const livekitRoomClosed = defineCause({
  id: 'livekit_room_closed',
  title: 'LiveKit closed the room while the call was ringing',
  party: 'livekit',
  stage: 'room',
  runbook: {
    meaning:
      'LiveKit admitted the call, rang, and answered 486 "Rejected": the room was deleted or the server shut down. Without LiveKit’s webhooks, the same response may also come from an agent that ended the call, or from a livekit-sip that could not join the room. Jambonz reports this as busy, but nobody was. An SBC older than September 2025 may show another phrase.',
    impact:
      'The caller hears ringing or silence for a while, and then the call ends, although trunk, rule and credentials are right. A LiveKit restart ends every call that is ringing.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows how long the call rang, and what LiveKit’s webhooks say about the end of the room.',
      'Many calls in the same second mean that livekit-server or livekit-sip was restarted or deployed. A single call now and then means that something deletes rooms: the agent, a cleanup job or a test.',
      'Does it always take the same time? Then the trunk’s ringing_timeout may have passed, or LiveKit’s own 3 minutes, because no agent answered: see agent_not_joined.',
      'If no LiveKit webhook arrives, point LiveKit’s webhooks to `/livekit/webhook`: they say why the room was closed.',
    ],
    mitigation: [
      'Drain livekit-sip and livekit-server before a restart, and deploy when few calls are ringing.',
      'Change whatever deletes rooms so that it skips rooms with a SIP participant that is still ringing.',
      'Verify that calls ring until an agent answers.',
    ],
  },
  fix: 'Find out what deleted the room, or whether livekit-server restarted at that moment.',
  confidence: {
    certain:
      'LiveKit answered 486, and its webhooks, matched to this call by SIP Call-ID, say that the room was deleted or the server shut down.',
    likely:
      'LiveKit’s webhooks report a closed room for a call that ended in another way, or was matched by its numbers.',
    possible:
      'LiveKit answered 486 before the ringing timeout, and no webhook of LiveKit says which of the sources of this response it was.',
  },
  needs: ['target', 'match', 'ending', 'progress', 'lostToSibling', 'livekit'],
  match({ target, match, ending, progress, lostToSibling, livekit }) {
    if (target.kind !== 'livekit') return undefined;
    const isRejected = isResponse(ending, 486);
    const closed = livekit.kind === 'admitted' ? livekit.roomClosed : undefined;
    if (!isRejected && !(closed && ending.kind === 'unanswered')) return undefined;
    const evidence = roomEvidence({ ending, progress, livekit });
    const fixes = [plainFix('Look in LiveKit’s log for what deleted the room, and for a restart at that moment.')];
    if (closed === 'deleted' || closed === 'server_shutdown') {
      // LiveKit's own statement needs no second webhook. Without a 486 the call may have ended for another reason.
      if (!isRejected) return lostToSibling ? alternative(evidence, fixes) : saidByLiveKit('likely', evidence, fixes);
      const isThisCall = livekit.kind === 'admitted' && livekit.joinedBy === 'call_id';
      return saidByLiveKit(isThisCall ? 'certain' : 'likely', evidence, fixes);
    }
    // A room also ends when its last participant leaves, which the end of the call may have caused.
    if (!isRejected || rangOut(match, progress)) return alternative(evidence, fixes);
    if (livekit.kind === 'admitted' && livekit.isAborted) return undefined;
    // No webhook reports the room's end, though others report the call.
    if (livekit.kind === 'admitted' && !closed) return alternative(evidence, fixes);
    // The same 486 also ends a ringing that an agent or livekit-sip itself gave up.
    return observed('possible', evidence, [
      plainFix(
        'Point LiveKit’s webhooks to /livekit/webhook: they show whether the room, the agent or livekit-sip ended the call.',
      ),
      ...fixes,
    ]);
  },
  examples: [
    {
      shows: 'a 486 for a room that LiveKit reports as deleted',
      call: {
        ringing: 'every second',
        response: [486, 'Rejected', 5_600],
        room: { callerJoined: 120, roomDeleted: 5_540 },
      },
      livekit: {},
      want: { blocking: ['livekit_room_closed'], confidence: 'certain' },
    },
    {
      shows: 'a room that was deleted just before the dial gave up',
      call: { ringing: 'every second', dialGaveUpAt: 20_000, room: { callerJoined: 120, roomDeleted: 19_990 } },
      livekit: {},
      want: { blocking: ['livekit_room_closed'], confidence: 'likely' },
    },
    {
      shows: 'a 486 "Rejected" long before the trunk’s ringing_timeout may be any of its sources',
      call: { ringing: 'every second', response: [486, 'Rejected', 5_600] },
      livekit: { trunks: [{ ringing_timeout: '20s' }] },
      want: {
        blocking: ['livekit_room_closed'],
        confidence: 'possible',
        alternatives: ['livekit_sip_cannot_join', 'agent_not_joined', 'agent_rejected_call'],
      },
    },
    {
      shows: 'a 486 "Rejected" long before LiveKit’s own 3 minutes may be any of its sources',
      call: { ringing: 'every second', response: [486, 'Rejected', 20_100] },
      livekit: {},
      want: {
        blocking: ['livekit_room_closed'],
        confidence: 'possible',
        alternatives: ['livekit_sip_cannot_join', 'agent_not_joined', 'agent_rejected_call'],
      },
    },
    {
      shows: 'a 486 "Rejected" after the trunk’s ringing_timeout means no agent',
      call: { ringing: 'every second', response: [486, 'Rejected', 20_100] },
      livekit: { trunks: [{ ringing_timeout: '20s' }] },
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['livekit_room_closed'] },
    },
    {
      shows: 'a 486 "Rejected" after LiveKit’s own 3 minutes means no agent',
      call: { ringing: 'every second', response: [486, 'Rejected', 180_200] },
      livekit: {},
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['livekit_room_closed'] },
    },
    {
      shows: 'a 486 "Rejected" with an unknown ringing_timeout may be either',
      call: { ringing: 'every second', response: [486, 'Rejected', 20_100] },
      want: {
        blocking: ['livekit_room_closed'],
        confidence: 'possible',
        alternatives: ['livekit_sip_cannot_join', 'agent_not_joined', 'agent_rejected_call'],
      },
    },
  ],
});
