import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, saidByLiveKit } from '../../claims.ts';
import { isResponse } from '../../facts/ending.ts';
import { rangOut } from '../../facts/timing.ts';
import { roomEvidence } from '../../unknowns.ts';

export const livekitSipCannotJoin = defineCause({
  id: 'livekit_sip_cannot_join',
  title: 'livekit-sip could not join the call’s room',
  party: 'livekit',
  stage: 'room',
  runbook: {
    meaning:
      'LiveKit admitted the call and rang, but livekit-sip could not connect to livekit-server for the room, or could not publish in it, and answered 486 "Rejected". LiveKit’s webhook is participant_connection_aborted. Jambonz reports this as busy, but nobody was.',
    impact:
      'Every call fails after some seconds of ringing, although trunk, rule and credentials are right. No agent is to blame: the caller was never in the room.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows that the caller never got into the room.',
      'Look in livekit-sip’s log for the SIP Call-ID: it names the address that it tried, and why that failed.',
      'On self-hosted LiveKit compare ws_url, api_key and api_secret in livekit-sip’s configuration with livekit-server’s.',
      'Can livekit-sip’s host reach livekit-server’s UDP ports (50000 to 60000 by default)? A wrong use_external_ip or a firewall between the two stops the media connection.',
    ],
    mitigation: [
      'Correct ws_url and the key, and restart livekit-sip.',
      'Open livekit-server’s UDP and TCP media ports for livekit-sip’s host, or set node_ip or use_external_ip so that livekit-sip gets an address that it can reach.',
      'On LiveKit Cloud, contact LiveKit with the Call-ID and the time.',
      'Verify that the next call’s webhook is participant_joined.',
    ],
  },
  fix: 'Check livekit-sip’s ws_url, key and secret, and the UDP ports between livekit-sip and livekit-server.',
  confidence: {
    certain:
      'LiveKit answered 486, and its webhooks, matched to this call by SIP Call-ID, say that the caller’s connection to the room was aborted.',
    likely: 'The same, but matched by numbers and time, or the call ended without LiveKit’s response.',
  },
  needs: ['target', 'match', 'ending', 'progress', 'livekit'],
  match({ target, match, ending, progress, livekit }) {
    if (target.kind !== 'livekit' || ending.kind === 'answered') return undefined;
    const evidence = roomEvidence({ ending, progress, livekit });
    const fixes = [plainFix(this.fix)];
    const isRejected = isResponse(ending, 486);
    if (livekit.kind !== 'admitted') {
      return isRejected && !rangOut(match, progress) ? alternative(evidence, fixes) : undefined;
    }
    if (!livekit.isAborted || !(isRejected || ending.kind === 'unanswered')) return undefined;
    return saidByLiveKit(isRejected && livekit.joinedBy === 'call_id' ? 'certain' : 'likely', evidence, fixes);
  },
  examples: [
    {
      shows: 'a 486 for a caller whose connection to the room was aborted',
      call: {
        ringing: 'every second',
        response: [486, 'Rejected', 10_200],
        room: { callerAborted: 10_190, finished: 310_000 },
      },
      livekit: {},
      want: { blocking: ['livekit_sip_cannot_join'], confidence: 'certain', alternatives: [] },
    },
    {
      shows: 'a dial that gave up on a caller whose connection to the room was aborted',
      call: { ringing: 'every second', dialGaveUpAt: 20_000, room: { callerAborted: 10_190 } },
      livekit: {},
      want: { blocking: ['livekit_sip_cannot_join'], confidence: 'likely' },
    },
    {
      shows: 'a caller who was in the room before it was deleted had joined',
      call: {
        ringing: 'every second',
        response: [486, 'Rejected', 5_600],
        room: { callerJoined: 120, roomDeleted: 5_540 },
      },
      livekit: {},
      want: { blocking: ['livekit_room_closed'], confidence: 'certain' },
    },
  ],
});
