import { plainFix } from '../../fixes/fix.ts';
import { defineCause } from '../cause.ts';
import { alternative, isResponse, observed, responseEvidence, ringingEvidence } from '../claims.ts';
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
  needs: ['target', 'match', 'ending', 'progress'],
  match({ target, match, ending, progress }) {
    if (target.kind !== 'livekit' || !isResponse(ending, 486)) return undefined;
    const evidence = [...responseEvidence(ending, progress), ...ringingEvidence(progress)];
    const fixes = [plainFix('Look in LiveKit’s log for who deleted the room, and for a restart at that moment.')];
    if (rangOut(match, progress)) return alternative(evidence, fixes);
    return observed('likely', evidence, fixes);
  },
});
