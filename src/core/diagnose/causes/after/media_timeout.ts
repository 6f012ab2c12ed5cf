import { plainFix } from '../../../fixes/fix.ts';
import { defineCause } from '../../cause.ts';
import { alternative, observed } from '../../claims.ts';
import { endEvidence } from '../../endEvidence.ts';
import { rtpPlaces } from '../../endWords.ts';
import { hasReached, reachedLimit } from '../../facts/timing.ts';

/** How long, in seconds, LiveKit waits for the caller's first packet after the answer, unless media_timeout is set. */
const FIRST_PACKET_SECONDS = 30;
/** How long, in seconds, LiveKit waits after the caller's last packet, unless media_timeout is set. */
const LAST_PACKET_SECONDS = 15;

export const mediaTimeout = defineCause({
  id: 'media_timeout',
  title: 'LiveKit hung up because no audio came from the caller’s side',
  party: 'media',
  stage: 'after_answer',
  runbook: {
    meaning:
      'LiveKit hangs up an answered call if no audio (RTP) comes from the SBC: 30 s after the answer if none ever came, 15 s after the last packet, or as media_timeout of the trunk or the rule says. No webhook names this reason, so it follows from who hung up, when, and from what else is excluded.',
    impact: 'The agent hears nothing, the caller may hear the agent, and the call ends after half a minute.',
    diagnosis: [
      '`sipwhy explain CALL_SID` shows how long after the answer LiveKit hung up.',
      'If every call ends 30 s after the answer, no audio reaches livekit-sip at all: look at the UDP ports between the SBC and livekit-sip, at NAT, and at livekit-sip’s use_external_ip. LiveKit Cloud has none to set: look at the firewall and the NAT of the SBC’s media servers.',
      'If calls end at any time, look for a hold, a mute or a silence suppression that stops RTP, and for firewalls that close idle UDP flows.',
      'Look in livekit-sip’s log for "media timeout" with this Call-ID. An accepted transfer and an agent that ends the call by RPC look the same from outside.',
    ],
    mitigation: [
      'Open livekit-sip’s RTP port range for the addresses of the SBC’s media servers, in both directions.',
      'Set use_external_ip (or the node’s address) in the configuration of a self-hosted livekit-sip that is behind NAT.',
      'Where silence is intended, raise media_timeout of the trunk or of the rule.',
      'Verify with a call of more than a minute that both sides hear each other.',
    ],
  },
  fix: 'Let RTP from the SBC’s media servers reach livekit-sip: UDP ports, NAT and, if it is self-hosted, use_external_ip.',
  confidence: {
    likely:
      'LiveKit hung up as long after the answer as it waits for the first packet, and its webhooks exclude a deleted room and a removed caller.',
    possible:
      'LiveKit hung up at that moment and none of its webhooks says more, or it hung up later, and no deleted room, removed caller, call limit or transfer explains it.',
  },
  needs: ['target', 'match', 'media', 'deployment', 'end', 'livekit', 'transfer'],
  match({ target, match, media, deployment, end, livekit, transfer }) {
    if (target.kind !== 'livekit' || end?.by !== 'far_end' || end.seconds === undefined) return undefined;
    if (transfer?.kind === 'accepted') return undefined;
    // LiveKit's BYE for want of audio looks like a hang-up of the caller. Every other reason says something else.
    const leftBecause = livekit.kind === 'admitted' ? livekit.leftBecause : undefined;
    if (leftBecause !== undefined && leftBecause !== 'CLIENT_INITIATED') return undefined;
    const isSaid = leftBecause !== undefined;
    const evidence = endEvidence({ end, livekit });
    const fixes = [plainFix(`Let RTP from the SBC’s media servers reach LiveKit: check ${rtpPlaces(deployment)}.`)];
    if (hasReached(end, media?.timeoutSeconds ?? FIRST_PACKET_SECONDS)) {
      if (reachedLimit(match, end)) return alternative(evidence, fixes);
      return observed(isSaid ? 'likely' : 'possible', evidence, fixes);
    }
    // Later it depends on what else may have ended the call. After an accepted transfer the application goes on with the
    // caller's leg.
    const waits = media?.timeoutSeconds ?? LAST_PACKET_SECONDS;
    if (!isSaid || end.seconds < waits || end.callerStayed) return undefined;
    if (end.aloneSeconds !== undefined || reachedLimit(match, end)) return undefined;
    return observed('possible', evidence, [plainFix(NO_FAULT), ...fixes]);
  },
  examples: [
    {
      shows: 'a call that LiveKit ended 30.5 s after the answer, as far as its webhooks say without a reason',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 30_700,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 30_720, agentLeft: 50_000 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['media_timeout'], confidence: 'likely' },
    },
    {
      shows: 'a call that LiveKit ended 29.5 s after the answer',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 29_700,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 29_720, agentLeft: 50_000 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['media_timeout'], confidence: 'likely' },
    },
    {
      shows: 'a call that LiveKit ended more than 30.5 s after the answer may be a transfer',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 30_710,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 30_730, agentLeft: 50_000 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['media_timeout'], confidence: 'possible' },
    },
    {
      shows: 'a call that ended from LiveKit’s side 30 s after the answer, without LiveKit’s webhooks',
      call: { ringing: [90], answeredAt: 200, farEndHungUpAt: 30_200 },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['media_timeout'], confidence: 'possible' },
    },
    {
      shows:
        'a call that ended from LiveKit’s side after 31 s, without LiveKit’s webhooks, is most likely a deleted room',
      call: { ringing: [90], answeredAt: 200, farEndHungUpAt: 31_200 },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a call that LiveKit ended 15 s after the answer may have lost its audio at once',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 15_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 15_220, agentLeft: 35_000 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['media_timeout'], confidence: 'possible' },
    },
    {
      shows: 'a call that LiveKit ended less than 15 s after the answer is too short for want of audio',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 15_190,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 15_210, agentLeft: 35_000 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a call that LiveKit ended after the trunk’s media_timeout',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 10_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 10_220, agentLeft: 35_000 },
      },
      livekit: { trunks: [{ media: { media_timeout: '10s' } }] },
      want: { outcome: 'dropped', blocking: ['media_timeout'], confidence: 'likely' },
    },
    {
      shows: 'a call that LiveKit ended before the trunk’s media_timeout ended for another reason',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 50_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 50_220, agentLeft: 70_000 },
      },
      livekit: { trunks: [{ media: { media_timeout: '60s' } }] },
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a call with which the application went on after LiveKit hung up was most likely transferred',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 50_200,
        callerStaysMs: 3_010,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 50_220, agentLeft: 70_000 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a call with which the application did not go on after LiveKit hung up',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 50_200,
        callerStaysMs: 3_000,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 50_220, agentLeft: 70_000 },
      },
      livekit: {},
      want: { outcome: 'dropped', blocking: ['media_timeout'], confidence: 'possible' },
    },
    {
      shows: 'a call that LiveKit ended 30 s after the answer, after a transfer that succeeded',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 30_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 30_220, agentLeft: 50_000 },
        transfers: [{ error: null, at: 30_100 }],
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a call whose room was deleted after 30 s was ended by its agent',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 30_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, roomDeleted: 30_180 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a call that its caller ended 30 s after the answer',
      call: {
        ringing: [90],
        answeredAt: 200,
        callerHungUpAt: 30_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 30_220, agentLeft: 50_000 },
      },
      livekit: {},
      want: { outcome: 'connected', blocking: [], confidence: null },
    },
    {
      shows: 'a call that lasted exactly as long as both its limit and LiveKit’s wait for audio',
      call: {
        ringing: [90],
        answeredAt: 200,
        farEndHungUpAt: 30_200,
        room: { agentJoined: -400, agentPublished: -300, callerJoined: 120, callerLeft: 30_220, agentLeft: 50_000 },
      },
      livekit: { trunks: [{ max_call_duration: '30s' }] },
      want: {
        outcome: 'connected',
        blocking: ['call_limit_reached'],
        confidence: 'likely',
        alternatives: ['media_timeout'],
      },
    },
  ],
});

const NO_FAULT =
  'First exclude what is no fault and looks the same: the dial’s timeLimit, a transfer, or an agent that ended the call.';
