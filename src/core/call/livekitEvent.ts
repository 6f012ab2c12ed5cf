import type { Moment } from './callEvent.ts';
import { indexKey } from './storedText.ts';

/** The event by which an agent reports a transfer: LiveKit sends no webhook about one. */
export const TRANSFER_REPORTED = 'transfer_reported';

/**
 * The events that livekit-server is known to send, and the agent's own; also label values of `sipwhy_webhooks_total`.
 */
export const LIVEKIT_EVENTS = [
  'room_started',
  'room_finished',
  'participant_joined',
  'participant_left',
  'participant_connection_aborted',
  'track_published',
  'track_unpublished',
  'egress_started',
  'egress_updated',
  'egress_ended',
  'ingress_started',
  'ingress_ended',
  'agent_job_started',
  'agent_job_ended',
  TRANSFER_REPORTED,
] as const;
export type LiveKitEventName = (typeof LIVEKIT_EVENTS)[number];

/** The attributes that livekit-sip gives a SIP participant. */
export interface SipAttributes {
  /** `sip.callIDFull`: the SIP Call-ID of the INVITE, which Jambonz reports as the leg's `sbc_callid`. */
  readonly callIdFull: string | undefined;
  /** `sip.callID`: LiveKit's own id of the call, `SCL_…`. */
  readonly callId: string | undefined;
  readonly trunkId: string | undefined;
  readonly ruleId: string | undefined;
  /** `sip.phoneNumber`: the caller of an inbound call. */
  readonly phoneNumber: string | undefined;
  /** `sip.trunkPhoneNumber`: the called number of an inbound call. */
  readonly trunkPhoneNumber: string | undefined;
  readonly callStatus: string | undefined;
}

/** A participant as one webhook reports it. */
export interface ReportedParticipant {
  readonly sid: string | undefined;
  readonly identity: string | undefined;
  /** `AGENT`, `SIP`, `STANDARD`, …; `undefined` in track events, which name their participant by sid and identity only. */
  readonly kind: string | undefined;
  /** `undefined` if the webhook has no `sip.` attributes. */
  readonly sip: SipAttributes | undefined;
  readonly disconnectReason: string | undefined;
  /** Whether it had published anything; `undefined` in events that do not say. */
  readonly isPublisher: boolean | undefined;
}

/** Why a transfer failed: the error of LiveKit's API TransferSIPParticipant. */
export interface TransferFailure {
  /** The API's code, such as `failed_precondition`. */
  readonly code: string | undefined;
  /** The SIP status in the error; `undefined` if nobody answered, or if the API itself refused. */
  readonly status: number | undefined;
  readonly reason: string | undefined;
  /**
   * What the status answers: LiveKit's REFER, or the call that was placed for it, which a NOTIFY then reports.
   * `undefined` if the error doesn't say.
   */
  readonly answers: 'refer' | 'target' | undefined;
}

/** A transfer, as the agent reports it. */
export interface ReportedTransfer {
  /** The SIP Call-ID of the call to transfer. */
  readonly sipCallId: string;
  /** `undefined` if the transfer succeeded. */
  readonly failure: TransferFailure | undefined;
}

/** One webhook of livekit-server, or a report of an agent: the fields that the diagnosis and the timeline use. */
export interface LiveKitEvent extends Moment {
  readonly kind: 'livekit';
  /** `other` for an event that this version does not know. */
  readonly name: LiveKitEventName | 'other';
  /** The event's name as it was sent. */
  readonly sentName: string;
  /** LiveKit's id of the event, `EV_…`; the same in every delivery of it. */
  readonly id: string | undefined;
  readonly room: { readonly sid: string | undefined; readonly name: string | undefined } | undefined;
  /** Why the room ended, as LiveKit names it, e.g. `ROOM_END_API_DELETE`. */
  readonly roomEndReason: string | undefined;
  readonly participant: ReportedParticipant | undefined;
  readonly track:
    | { readonly sid: string | undefined; readonly source: string | undefined; readonly mimeType: string | undefined }
    | undefined;
  readonly job:
    | {
        readonly id: string | undefined;
        readonly agentName: string | undefined;
        readonly status: string | undefined;
        readonly error: string | undefined;
      }
    | undefined;
  /** Only in an agent's report. */
  readonly transfer?: ReportedTransfer;
  /** How many webhooks LiveKit says it has dropped. */
  readonly dropped: number;
}

/**
 * The key that the events of one room share; `undefined` for an event without a room. The transfers of one call have a
 * key of their own, because an agent's report names the call and not the room.
 */
export function roomKeyOf({ room, transfer }: LiveKitEvent): string | undefined {
  if (transfer) return transfersKey(transfer.sipCallId);
  const key = room?.sid ?? room?.name;
  return key === undefined ? undefined : indexKey(key);
}

/** The key that the reported transfers of one call share. */
export function transfersKey(sipCallId: string): string {
  return indexKey(`transfers of ${sipCallId}`);
}

/** Whether a published track is audio. livekit-sip answers the call when audio is published in the room. */
export function isAudio({ track }: LiveKitEvent): boolean {
  return track !== undefined && (track.source === 'MICROPHONE' || (track.mimeType ?? '').startsWith('audio/'));
}

/** Whether an event can change the verdict on a call. Every event has a line in the timeline. */
export function affectsVerdict({ name }: LiveKitEvent): boolean {
  switch (name) {
    case 'room_finished':
    case 'participant_joined':
    case 'participant_left':
    case 'participant_connection_aborted':
    case 'track_published':
    case 'agent_job_started':
    case 'agent_job_ended':
    case TRANSFER_REPORTED:
      return true;
    default:
      return false;
  }
}
