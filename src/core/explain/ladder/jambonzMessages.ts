import { type CallEvent, type DialResultEvent, isSettingUp, type StatusEvent } from '../../call/callEvent.ts';
import { isProgressPhrase } from '../../call/reasonPhrase.ts';
import { parseSipUri } from '../../call/sipUri.ts';
import type { Origin } from '../../diagnose/diagnosis.ts';
import { endWords } from '../../diagnose/endWords.ts';
import type { CallEnd } from '../../diagnose/facts/callEnd.ts';
import { isLiveKitHost, type Site } from '../../diagnose/facts/site.ts';
import type { Message, Participant } from './ladder.ts';

/** Who said the final response of a leg, as its diagnosis found; `undefined` where there is none yet. */
export type OriginOf = (callSid: string) => Origin | undefined;

/** How an answered leg ended, as its diagnosis found; `undefined` where that is not known yet. */
export type EndOf = (callSid: string) => CallEnd | undefined;

/** Who is at the other end of a leg of Jambonz's. */
export function farEndOf(site: Site, { direction, to }: Pick<CallEvent, 'direction' | 'to'>): Participant {
  const uri = direction === 'outbound' && to !== undefined ? parseSipUri(to) : undefined;
  return uri && isLiveKitHost(site, uri.host) ? 'livekit' : 'carrier';
}

/** The messages that Jambonz's webhooks of one call show. `events` in the order of their times. */
export function jambonzMessages(
  site: Site,
  events: readonly CallEvent[],
  originOf: OriginOf,
  endOf: EndOf = () => undefined,
): Message[] {
  const messages: Message[] = [];
  const legs = new Map<string, { readonly far: Participant; isOver: boolean }>();
  const isInvited = new Set<string>();
  for (const event of events) {
    const leg = legs.get(event.callSid) ?? { far: farEndOf(site, event), isOver: false };
    legs.set(event.callSid, leg);
    // A dial hook may come from a leg whose own webhooks are lost.
    if (event.kind === 'dial_result') {
      const dialled = event.dialCallSid === undefined ? undefined : legs.get(event.dialCallSid);
      messages.push(...dialEnd(event, dialled));
      continue;
    }
    if (!isInvited.has(event.callSid)) messages.push(invite(event, leg.far));
    isInvited.add(event.callSid);
    const message = ofStatus(event, leg.far, { origin: originOf(event.callSid), end: endOf(event.callSid) });
    if (message) messages.push(message);
    // A leg that is still being set up is cancelled at the end of its dial.
    if (!isSettingUp(event.callStatus)) leg.isOver = true;
  }
  return messages;
}

/** A leg's first webhook says that there was an INVITE, and shows none. */
function invite(event: StatusEvent, far: Participant): Message {
  const isOutbound = event.direction === 'outbound';
  return {
    ...base(event),
    ...(isOutbound ? { from: 'jambonz', to: far } : { from: far, to: 'jambonz' }),
    label: 'INVITE',
    kind: 'request',
    detail: [event.from && `from ${event.from}`, event.to && `to ${event.to}`].filter(Boolean).join(' ') || undefined,
    isInferred: true,
  };
}

interface Found {
  readonly origin: Origin | undefined;
  readonly end: CallEnd | undefined;
}

function ofStatus(event: StatusEvent, far: Participant, { origin, end }: Found): Message | undefined {
  const answer = answerOf(event, far);
  switch (event.callStatus) {
    // Jambonz reports this status when it sends or gets the INVITE, not when a 100 comes.
    case 'trying':
      return undefined;
    case 'ringing':
    case 'early-media':
      return { ...answer, kind: 'provisional' };
    case 'in-progress':
      return { ...answer, kind: 'success' };
    case 'completed':
      return hangUp(event, far, end);
    case 'failed':
    case 'busy':
    case 'no-answer':
      return failure(event, answer, origin);
    case 'queued':
    case 'other':
      return note(event, event.callStatus === 'queued' ? 'queued' : responseOf(event));
  }
}

/** A response travels against its INVITE. */
function answerOf(event: StatusEvent, far: Participant): Omit<Message, 'kind'> {
  const ends: Pick<Message, 'from' | 'to'> =
    event.direction === 'outbound' ? { from: far, to: 'jambonz' } : { from: 'jambonz', to: far };
  return { ...base(event), ...ends, label: responseOf(event), detail: undefined, isInferred: false };
}

const SAID_BY: Record<Origin, string | undefined> = {
  livekit: 'sent by LiveKit',
  jambonz: 'sent by Jambonz itself, not by the far end',
  sip_stack: 'sent by the SIP stack of the Jambonz SBC, not by the far end',
  far_end: 'sent by the far end',
  unknown: 'unknown sender',
};

function failure(event: StatusEvent, answer: Omit<Message, 'kind'>, origin: Origin | undefined): Message {
  const { sipStatus, sipReason, direction } = event;
  if (direction !== 'outbound') {
    const detail = event.terminatedBy === 'caller' || sipStatus === 487 ? 'the caller hung up' : undefined;
    return { ...answer, kind: 'failure', detail };
  }
  if (sipReason !== undefined && isProgressPhrase(sipReason)) {
    const detail = 'not a SIP response: a failure inside Jambonz, with the phrase of an earlier event';
    return { ...answer, from: 'jambonz', kind: 'failure', detail };
  }
  const isOwn = origin === 'jambonz' || origin === 'sip_stack';
  // A 487 answers Jambonz's own CANCEL.
  const detail = sipStatus === 487 ? 'the response to a CANCEL' : origin && SAID_BY[origin];
  return { ...answer, kind: 'failure', detail, ...(isOwn && { from: 'jambonz' }) };
}

function hangUp(event: StatusEvent, far: Participant, end: CallEnd | undefined): Message {
  const { terminatedBy, direction } = event;
  if (terminatedBy === 'caller' && direction !== 'outbound') {
    return { ...note(event, 'BYE'), from: far, kind: 'request', detail: 'the caller hung up', isInferred: true };
  }
  if (terminatedBy === 'jambonz' && direction !== 'outbound') {
    return { ...note(event, 'BYE'), to: far, kind: 'request', detail: 'Jambonz hung up', isInferred: true };
  }
  return { ...note(event, 'leg ended'), detail: end && endDetail(end, far === 'livekit' ? 'LiveKit' : 'the far end') };
}

/** Who ended a call, after how long, and how long its caller had been alone. */
function endDetail({ by, seconds, aloneSeconds }: CallEnd, far: string): string {
  const after = seconds === undefined ? '' : ` ${seconds.toFixed(1)} s after the answer`;
  const alone = aloneSeconds === undefined ? '' : `; the caller had been alone for ${aloneSeconds.toFixed(0)} s`;
  const words = `${endWords(by, far)}${after}${alone}`;
  return `${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}

/** How a dial ended, and the CANCEL of a leg without a reported end: its webhooks stop at the last ringing. */
function dialEnd(
  event: DialResultEvent,
  dialled: { readonly far: Participant; readonly isOver: boolean } | undefined,
): Message[] {
  const { dialCallSid, dialCallStatus, dialSipStatus } = event;
  const how = [dialCallStatus, dialSipStatus].filter((part) => part !== undefined).join(' ');
  const leg = dialCallSid ?? event.callSid;
  const end: Message = { ...note(event, 'dial ended'), detail: how || undefined, leg };
  if (!dialled || dialled.isOver || (dialSipStatus !== undefined && dialSipStatus >= 200)) return [end];
  const detail = 'no further webhook reported this leg';
  return [{ ...end, to: dialled.far, label: 'CANCEL', kind: 'request', detail, isInferred: true }, end];
}

function note(event: CallEvent, label: string): Message {
  return {
    ...base(event),
    from: 'jambonz',
    to: 'jambonz',
    label,
    kind: 'event',
    detail: undefined,
    isInferred: false,
  };
}

function base({ at, callSid }: CallEvent): Pick<Message, 'at' | 'leg'> {
  return { at, leg: callSid };
}

function responseOf({ sipStatus, sipReason, callStatus }: StatusEvent): string {
  return sipStatus === undefined ? callStatus : [sipStatus, sipReason].join(' ').trim();
}
