import { ruleName } from '../fixes/fix.ts';
import { ruleThatAdmits } from '../trunks/judge/judge.ts';
import type { DispatchRule } from '../trunks/snapshot.ts';
import type { Cause, Party } from './cause.ts';
import { PARTY_WORDS, toWhom } from './diagnosis.ts';
import type { CallEnd, EndedBy } from './facts/callEnd.ts';
import type { Deployment } from './facts/deployment.ts';
import type { Facts } from './facts/facts.ts';
import type { EarlyLeave } from './facts/liveKitReport.ts';
import { failureWords } from './facts/transferResult.ts';

/** The summary of a call that was answered and then dropped. A cause that is only possible is not told as a fact. */
export function droppedSummary({ target, end }: Facts, causes: readonly Cause[], isOnlyPossible: boolean): string {
  const after = end?.seconds === undefined ? '' : ` after ${end.seconds.toFixed(0)} s`;
  const perhaps = isOnlyPossible ? 'perhaps ' : '';
  const titles = causes.map(({ title }) => title).join('; also ');
  const alone =
    end?.aloneSeconds === undefined ? '' : `, and the caller was alone for ${end.aloneSeconds.toFixed(0)} s`;
  const owner = causes[0] ? ` Owner: ${PARTY_WORDS[causes[0].party]}.` : '';
  return `The call${toWhom(target)} was answered and then dropped${after}: ${perhaps}${titles}${alone}.${owner}`;
}

/**
 * The summary of a call that connected: what failed during it and whose fault that was, who ended it, and whether the
 * agent left while the caller was still there.
 */
export function connectedSummary(facts: Facts, causes: readonly Cause[] = [], party: Party = 'nobody'): string {
  const { livekit, end, target } = facts;
  const early = livekit.kind === 'admitted' ? livekit.agentLeftEarly : undefined;
  const sentences = [
    `The call connected${butFailed(facts, causes)}.`,
    ...(early ? [agentLeft(early)] : []),
    ...outlivedWords(facts),
  ];
  if (target.kind === 'livekit' && end?.seconds !== undefined) {
    const reason = causes.find(({ callGoesOn }) => !callGoesOn)?.title ?? reasonOfEnd(end, facts);
    const why = reason ? `: ${reason}` : '';
    const after = `${end.seconds.toFixed(1)} s after the answer`;
    // The dial's timeLimit looks the same, so LiveKit is not named.
    const isFarEnd = end.by === 'far_end';
    const words = isFarEnd
      ? `It ended ${after}, and the caller had not hung up`
      : `${endWords(end.by, 'LiveKit')} ${after}`;
    sentences.push(`${words}${why}.`);
  }
  if (party !== 'nobody') sentences.push(`Owner: ${PARTY_WORDS[party]}.`);
  return sentences.join(' ');
}

function butFailed({ transfer }: Facts, causes: readonly Cause[]): string {
  const cause = causes.find(({ callGoesOn }) => callGoesOn);
  if (!cause) return '';
  const words = transfer?.kind === 'failed' ? ` (${failureWords(transfer.failure)})` : '';
  return `, but ${cause.title}${words}`;
}

/** Who ended an answered call, as the beginning of a sentence. `far` is who was dialled. */
export function endWords(by: EndedBy, far: string): string {
  switch (by) {
    case 'caller':
      return 'The caller hung up';
    case 'far_end':
      return `The call ended from ${far}’s side`;
    case 'jambonz':
      return 'Jambonz or the application ended the call';
    case 'unknown':
      return 'The call ended';
  }
}

const ENDED_BECAUSE: Readonly<Record<string, string>> = {
  ROOM_DELETED: 'the room was deleted',
  ROOM_CLOSED: 'the room was closed',
  PARTICIPANT_REMOVED: 'the caller was removed from the room',
  SERVER_SHUTDOWN: 'the server shut down',
};

/** A reason of LiveKit's is none for an end on Jambonz's side, before it or long after it. */
function reasonOfEnd({ by, outlivedSeconds }: CallEnd, facts: Facts): string | undefined {
  const isLiveKits = by !== 'caller' && by !== 'jambonz' && outlivedSeconds === undefined;
  return isLiveKits ? knownEnd(facts) : undefined;
}

/** LiveKit's reasons with which livekit-sip ends a call that nobody lost. It then sends a BYE. */
const HANGS_UP: ReadonlySet<string> = new Set([
  'CLIENT_INITIATED',
  'ROOM_DELETED',
  'ROOM_CLOSED',
  'PARTICIPANT_REMOVED',
]);

/** How long a leg outlived LiveKit's BYE; `undefined` if it didn't, or if LiveKit may have sent none. */
function withoutBye({ end, livekit, transfer }: Facts): number | undefined {
  if (livekit.kind !== 'admitted' || transfer?.kind === 'accepted') return undefined;
  return HANGS_UP.has(livekit.leftBecause ?? '') ? end?.outlivedSeconds : undefined;
}

function outlivedWords(facts: Facts): string[] {
  const seconds = withoutBye(facts);
  if (seconds === undefined) return [];
  const length = facts.end?.seconds;
  const when = length === undefined ? '' : ` ${Math.max(0, length - seconds).toFixed(1)} s after the answer`;
  const reason = knownEnd(facts);
  return [
    `LiveKit ended its side${when}${reason ? ` (${reason})` : ''}, but the leg went on for ${seconds.toFixed(1)} s: LiveKit’s BYE seems not to have arrived.`,
  ];
}

function knownEnd({ livekit: report, transfer }: Pick<Facts, 'livekit' | 'transfer'>): string | undefined {
  if (transfer?.kind === 'accepted') return 'the caller was transferred';
  const reason = report.kind === 'admitted' ? report.leftBecause : undefined;
  return reason !== undefined && Object.hasOwn(ENDED_BECAUSE, reason) ? ENDED_BECAUSE[reason] : undefined;
}

/** What is unknown about the end of an answered call. */
export function endUnknowns(facts: Facts): string[] {
  const { livekit, end, target, media, transfer, deployment } = facts;
  if (target.kind !== 'livekit' || !end) return [];
  const asking = livekit.kind === 'admitted' ? undefined : ruleWithPin(facts);
  if (asking) {
    return [
      `Whether the caller entered the pin: ${ruleName(asking)} answers the call and asks for one, and lets nobody into the room without it.`,
    ];
  }
  if (end.by === 'caller' && livekit.kind !== 'admitted') {
    const where =
      livekit.kind === 'unreported' ? 'Point them to /livekit/webhook.' : 'They report other calls, not this one.';
    return [`Whether the agent was there until the end: only LiveKit’s webhooks say so. ${where}`];
  }
  if (isExplained(end, facts)) return moveUnknowns(facts);
  if (end.by === 'unknown') {
    return ['Who ended the call: no webhook says so. Jambonz’s last webhook of the caller’s leg would.'];
  }
  const timeout =
    media?.timeoutSeconds === undefined
      ? 'by default 30 s after the answer or 15 s after the last packet, or as media_timeout says'
      : `here after ${media.timeoutSeconds} s (media_timeout)`;
  const reason = livekit.kind === 'admitted' ? livekit.leftBecause : undefined;
  const room = reason === undefined ? ', if the room is deleted,' : '';
  const said = reason === undefined ? 'no webhook says so' : `LiveKit’s reason ${reason} doesn’t say so`;
  return [
    ...moveUnknowns(facts),
    `Why the call ended: ${said}. Without audio (RTP) from the caller’s side LiveKit hangs up, ${timeout}: check ${rtpPlaces(deployment)}. LiveKit also hangs up at max_call_duration${room} and after an accepted transfer; Jambonz hangs up at the dial’s timeLimit.`,
    ...(transfer ? [] : [TRANSFER_UNKNOWN]),
  ];
}

/** Where to look if no audio (RTP) from the SBC reaches LiveKit. LiveKit Cloud's side can't be configured. */
export function rtpPlaces(deployment: Deployment | undefined): string {
  return deployment?.kind === 'cloud'
    ? 'that the firewall and the NAT of the SBC’s media servers let UDP out to LiveKit Cloud, and that their SDP offers a public address'
    : 'the UDP ports between the SBC and livekit-sip, and livekit-sip’s use_external_ip';
}

/** How long before the end, in seconds, a move to another node may have to do with it. */
const MOVED_SECONDS = 10;

function moveUnknowns({ livekit, end }: Facts): string[] {
  const seconds = livekit.kind === 'admitted' ? livekit.movedSecondsBefore : undefined;
  if (seconds === undefined || seconds < 0 || seconds > MOVED_SECONDS || end?.by !== 'far_end') return [];
  return [
    `Whether a move ended the call: ${seconds.toFixed(1)} s before, LiveKit moved the caller’s participant to another node (MIGRATION). It comes back at once, but an agent that takes the leaving for a hang-up ends the call: look in the agent’s handler of participant_disconnected.`,
  ];
}

/** What is unknown about a leg that went on although LiveKit had hung up. */
export function byeUnknowns(facts: Facts): string[] {
  const seconds = withoutBye(facts);
  if (seconds === undefined) return [];
  const log = facts.deployment?.kind === 'cloud' ? '' : ' livekit-sip’s log shows whether it was sent and answered.';
  return [
    `Where LiveKit’s BYE was lost: LiveKit had ended its side ${seconds.toFixed(0)} s before the leg ended. Look for a BYE with this Call-ID in a SIP trace at the SBC: it never came, or it was refused, such as with 481.${log} If it never came, check that LiveKit can reach the address in the Contact and Record-Route of the SBC’s INVITE: NAT, and the firewall for SIP from LiveKit to the SBC. Until then, a timeLimit in the dial verb ends such legs.`,
  ];
}

/** What is unknown about an agent whose callers hang up within seconds. */
export function speechUnknowns({ hangUps }: Facts): string[] {
  if (!hangUps) return [];
  const usual = hangUps.usual
    ? []
    : [
        'Whether callers of this dispatch rule usually stay longer: too few of its earlier calls are known. An agent that says only one sentence has short calls too.',
      ];
  return [
    'Whether the agent spoke: sipwhy sees no audio. A published track says that the agent could speak, not that it did. Call the number, or listen to a recording.',
    ...usual,
  ];
}

/** The rule that admits the call and asks for a pin; `undefined` if none does. */
function ruleWithPin({ match }: Facts): DispatchRule | undefined {
  const rule = match && ruleThatAdmits(match);
  return rule && rule.pin !== '' ? rule : undefined;
}

const TRANSFER_UNKNOWN =
  'Whether the agent tried to transfer the call: only the agent knows, and can report it to /livekit/webhook as transfer_reported. Without a referHook in the dial verb Jambonz refuses a transfer with 501, and the call goes on.';

function isExplained({ by }: CallEnd, facts: Facts): boolean {
  return by === 'caller' || by === 'jambonz' || knownEnd(facts) !== undefined;
}

function agentLeft(early: EarlyLeave): string {
  const { afterSeconds, callerStayedSeconds } = early;
  const stayed =
    callerStayedSeconds === undefined ? 'was still there' : `stayed ${callerStayedSeconds.toFixed(0)} s longer`;
  return `The agent left ${afterSeconds.toFixed(0)} s after answering, and the caller ${stayed}.`;
}
