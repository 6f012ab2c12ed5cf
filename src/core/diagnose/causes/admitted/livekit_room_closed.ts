import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed, responseEvidence, ringingEvidence, saidByLiveKit } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { rangOut } from '../../facts/timing.ts';
import { liveKitReportEvidence } from '../../unknowns.ts';

export const livekitRoomClosed = defineCause({
  id: 'livekit_room_closed',
  title: 'LiveKit gave up the room while it rang',
  party: 'livekit',
  stage: 'room',
  runbook: {
    meaning:
      'LiveKit admitted the call, rang, and answered 486 "Rejected": the room was deleted or the server shut down. Jambonz calls this busy, but nobody was. An SBC older than September 2025 may show another phrase.',
    impact:
      'The caller had ringing or silence for a while, and then the call ended, although trunk, rule and credentials were right. A restart of LiveKit ends all calls that ring at that moment.',
    diagnosis: [
      '`npx sipwhy explain CALL_SID` shows how long it rang, and what LiveKit’s webhooks say of the end of the room.',
      'Many calls in the same second: livekit-server or livekit-sip was restarted or deployed. One call now and then: somebody deletes rooms, such as the agent, a cleanup job or a test.',
      'Did it always take the same time? That may be the trunk’s ringing_timeout, and then no agent answered: see agent_not_joined.',
      'Where no webhook of LiveKit’s arrives, point LiveKit’s webhooks to `/livekit/webhook`: they say who closed the room.',
    ],
    mitigation: [
      'Drain livekit-sip and livekit-server before a restart, and deploy when few calls ring.',
      'Let whatever deletes rooms leave those alone that have a SIP participant which is still ringing.',
      'It worked when calls ring until an agent answers.',
    ],
  },
  fix: 'Find out who deleted the room, or whether livekit-server was restarted at that moment.',
  confidence: {
    certain:
      'LiveKit answered 486 and its webhooks of this very call, known by its SIP Call-ID, say that the room was deleted or the server shut down.',
    likely:
      'LiveKit answered 486 before the trunk’s ringing_timeout, or its webhooks say that the room was deleted under a call that ended otherwise.',
    possible: 'LiveKit answered 486 and the trunk’s ringing_timeout is not known: it may be that which passed.',
  },
  needs: ['target', 'match', 'ending', 'progress', 'lostToSibling', 'livekit'],
  match({ target, match, ending, progress, lostToSibling, livekit }) {
    if (target.kind !== 'livekit') return undefined;
    const isRejected = isResponse(ending, 486);
    const closed = livekit.kind === 'admitted' ? livekit.roomClosed : undefined;
    if (!isRejected && !(closed && ending.kind === 'unanswered')) return undefined;
    const evidence = [
      ...responseEvidence(ending, progress),
      ...ringingEvidence(progress),
      ...liveKitReportEvidence(livekit),
    ];
    const fixes = [plainFix('Look in LiveKit’s log for who deleted the room, and for a restart at that moment.')];
    if (closed === 'deleted' || closed === 'server_shutdown') {
      // What LiveKit says of itself needs no second webhook; a caller who hung up at that moment was not waited for.
      if (!isRejected) return lostToSibling ? alternative(evidence, fixes) : saidByLiveKit('likely', evidence, fixes);
      const isThisCall = livekit.kind === 'admitted' && livekit.joinedBy === 'call_id';
      return saidByLiveKit(isThisCall ? 'certain' : 'likely', evidence, fixes);
    }
    if (rangOut(match, progress)) return alternative(evidence, fixes);
    // A room also ends when the last one has left it, which may be what the end of the call brought about.
    if (!isRejected) return alternative(evidence, fixes);
    // Where the trunk's ringing_timeout is not known, it may be that which passed.
    return observed(match ? 'likely' : 'possible', evidence, fixes);
  },
  examples: [
    {
      shows: 'a 486 of a room of which LiveKit says that it was deleted',
      call: {
        ringing: 'every second',
        response: [486, 'Rejected', 5_600],
        room: { callerJoined: 120, roomDeleted: 5_540 },
      },
      livekit: {},
      want: { blocking: ['livekit_room_closed'], confidence: 'certain' },
    },
    {
      shows: 'a 486 "Rejected" long before the trunk’s ringing_timeout is the room',
      call: { ringing: 'every second', response: [486, 'Rejected', 5_600] },
      livekit: { trunks: [{ ringing_timeout: '20s' }] },
      want: { blocking: ['livekit_room_closed'], confidence: 'likely', alternatives: ['agent_not_joined'] },
    },
    {
      shows: 'a 486 "Rejected" of a trunk without ringing_timeout is the room',
      call: { ringing: 'every second', response: [486, 'Rejected', 20_100] },
      livekit: {},
      want: { blocking: ['livekit_room_closed'], confidence: 'likely', alternatives: ['agent_not_joined'] },
    },
    {
      shows: 'a 486 "Rejected" when the trunk’s ringing_timeout has passed is no agent',
      call: { ringing: 'every second', response: [486, 'Rejected', 20_100] },
      livekit: { trunks: [{ ringing_timeout: '20s' }] },
      want: { blocking: ['agent_not_joined'], confidence: 'likely', alternatives: ['livekit_room_closed'] },
    },
    {
      shows: 'a 486 "Rejected" where neither the trunk nor its ringing_timeout is known may be either',
      call: { ringing: 'every second', response: [486, 'Rejected', 20_100] },
      want: { blocking: ['livekit_room_closed'], confidence: 'possible', alternatives: ['agent_not_joined'] },
    },
  ],
});
