import { type Fix, plainFix, ruleName, trunkName } from '../fixes/fix.ts';
import { verdictOf } from '../fixes/prove.ts';
import { ruleThatAdmits } from '../trunks/judge/judge.ts';
import type { Evidence } from './cause.ts';
import { type Facts, formOf } from './facts/facts.ts';
import { roomEvidence } from './unknowns.ts';

/** What is known of a call that no rule explains, and what that excludes. */
export function excluded({
  target,
  ending,
  progress,
  stage,
  match,
  host,
  livekit,
  metadata,
  deployment,
}: Facts): Evidence[] {
  const evidence = roomEvidence({ ending, progress, livekit });
  if (target.kind !== 'livekit') return evidence;
  if (host?.kind === 'expected') {
    evidence.push({ name: 'dialled host', value: `${target.uri.host} is LiveKit’s SIP host`, source: 'settings' });
  }
  if (match && metadata.state === 'fresh') evidence.push({ name: 'match', value: matchWords(match), source: 'match' });
  if (livekit.kind === 'not_admitted') {
    evidence.push({
      name: 'participant',
      value: 'LiveKit’s webhooks name other calls, but not this one',
      source: 'livekit',
    });
  }
  if (deployment?.kind === 'cloud' && ending.kind === 'unanswered' && stage !== 'admitted') {
    const value = 'LiveKit Cloud may refuse a call by silence, or ring late: the silence alone excludes neither';
    evidence.push({ name: 'LiveKit Cloud', value, source: 'settings' });
  }
  return evidence;
}

function matchWords(match: NonNullable<Facts['match']>): string {
  switch (verdictOf(match)) {
    case 'admitted': {
      const rule = ruleThatAdmits(match);
      const trunk = match.choice.kind === 'matched' ? ` through ${trunkName(match.choice.trunk.trunk)}` : '';
      return `LiveKit’s configuration admits this call${trunk}${rule ? ` and ${ruleName(rule)}` : ''}: neither trunk, number, caller, address nor rule refused it`;
    }
    case 'refused':
      return 'LiveKit’s configuration refuses this call, but the call ended in another way';
    case 'unknown':
      return 'whether LiveKit’s configuration admits this call depends on what is listed under Unknown';
  }
}

/** The two steps that most likely settle why a call failed, the nearest first. */
export function nextSteps({ target, ending, progress, stage, match, metadata, livekit }: Facts): Fix[] {
  const isLiveKit = target.kind === 'livekit';
  const isInRoom = livekit.kind === 'admitted' && ending.kind === 'unanswered';
  const steps: [isNeeded: boolean | undefined, step: string][] = [
    [
      !progress.endReported && formOf(target) === 'the dial verb',
      'Set the dial verb’s actionHook, so that Jambonz reports how the dial ended.',
    ],
    [
      isLiveKit && metadata.state === 'missing',
      'Give sipwhy LiveKit’s configuration: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or LIVEKIT_CONFIG_FILE.',
    ],
    [
      isLiveKit && metadata.state === 'stale',
      'See in sipwhy’s log why LiveKit’s configuration can’t be read: the copy is older than the call.',
    ],
    [
      match?.call.sources.length === 0 && match.trunks.some(({ source }) => source === 'unknown'),
      'Set JAMBONZ_SBC_ADDRESSES, so that allowed_addresses can be checked.',
    ],
    [
      isLiveKit && livekit.kind === 'unreported',
      'Point LiveKit’s webhooks to /livekit/webhook: they show whether LiveKit let the call in, and who was in the room.',
    ],
    [
      isInRoom && progress.ringings === 0 && ending.endedBy === 'dial',
      `Raise the timeout of ${formOf(target)}: LiveKit let the call in, but had not rung before the dial gave up. LiveKit Cloud may ring only after 3 to 20 s.`,
    ],
    [
      isInRoom && livekit.agent.state === 'audible',
      `Look in livekit-sip’s log, or in LiveKit Cloud’s telephony page, for this call in room ${isInRoom ? livekit.room : ''}: LiveKit answers once livekit-sip receives audio from the room, and an agent had published some. If LiveKit is self-hosted, check UDP between livekit-sip and livekit-server.`,
    ],
    [
      isLiveKit && stage !== 'admitted',
      'Look for the SIP Call-ID in livekit-sip’s log, or in LiveKit Cloud’s telephony page: it says what the call matched, and as fromIP from which address it came.',
    ],
    [
      ending.kind === 'response',
      'Look in the PCAP of Jambonz’s Recent Calls for who sent the response, and search its phrase in that system’s documentation.',
    ],
    [true, 'Look in the PCAP of Jambonz’s Recent Calls for the last message of this leg, and who sent it.'],
  ];
  return steps
    .filter(([isNeeded]) => isNeeded)
    .slice(0, 2)
    .map(([, step]) => plainFix(step));
}
