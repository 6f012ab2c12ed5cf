import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, observed, responseEvidence, ringingEvidence, saidByLiveKit } from '../claims.ts';
import { isResponse } from '../ending.ts';
import { heardEvidence } from '../heardEvidence.ts';
import { rangOut } from '../ringingTimeout.ts';

export const livekitRoomClosed = defineCause({
  id: 'livekit_room_closed',
  title: 'LiveKit gave up the room while it rang',
  party: 'livekit',
  stage: 'room',
  meaning:
    'LiveKit admitted the call, rang, and answered 486 "Rejected": the room was deleted or the server shut down. ' +
    'Jambonz calls this busy, but nobody was. An SBC older than September 2025 may show another phrase.',
  fix: 'Find out who deleted the room, or whether livekit-server was restarted at that moment.',
  confidence: {
    certain:
      'LiveKit answered 486 and its webhooks of this very call, known by its SIP Call-ID, say that the room was deleted or the server shut down.',
    likely:
      'LiveKit answered 486 before the trunk’s ringing_timeout, or its webhooks say that the room was deleted under a call that ended otherwise.',
  },
  needs: ['target', 'match', 'ending', 'progress', 'lostToSibling', 'livekit'],
  match({ target, match, ending, progress, lostToSibling, livekit }) {
    if (target.kind !== 'livekit') return undefined;
    const isRejected = isResponse(ending, 486);
    const closed = livekit.kind === 'admitted' ? livekit.roomClosed : undefined;
    if (!isRejected && !(closed && ending.kind === 'unanswered')) return undefined;
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress), ...heardEvidence(livekit)];
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
});
