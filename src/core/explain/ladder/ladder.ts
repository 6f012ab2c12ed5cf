import type { CallEvent } from '../../call/callEvent.ts';
import type { LiveKitEvent } from '../../call/livekitEvent.ts';
import type { Site } from '../../diagnose/facts/site.ts';
import type { AttemptRecord } from '../../diagnose/record.ts';
import { liveKitEventsOf } from '../liveKitTimeline.ts';
import { farEndOf, jambonzMessages } from './jambonzMessages.ts';
import { liveKitMessages } from './liveKitMessages.ts';
import { stoppedAt } from './stopped.ts';

export type Ladder = ReturnType<typeof ladderOf>;

/**
 * The ladder diagram of a call as JSON: who sent what to whom when, as far as webhooks of both senders show it, and
 * where it stopped. Keys are public.
 */
export function ladderOf(
  site: Site,
  events: readonly CallEvent[],
  liveKitEvents: readonly LiveKitEvent[],
  records: readonly AttemptRecord[],
) {
  const inTime = events.toSorted((a, b) => a.at - b.at);
  const byLeg = new Map(records.map((record) => [record.callSid, record]));
  const legs = new Map(
    inTime.flatMap(({ sbcCallId, callSid }) => (sbcCallId === undefined ? [] : [[sbcCallId, callSid]])),
  );
  const messages = foldRepeats(
    [
      ...jambonzMessages(
        site,
        inTime,
        (callSid) => byLeg.get(callSid)?.response?.origin,
        (callSid) => byLeg.get(callSid)?.end,
      ),
      ...liveKitMessages(liveKitEventsOf(events, liveKitEvents), (sipCallId) => legs.get(sipCallId)),
    ].sort((a, b) => a.at - b.at),
  );
  const last = records.at(-1);
  const isConnected = records.some(({ outcome }) => outcome === 'connected');
  const lastLeg = inTime.find(({ callSid }) => callSid === last?.callSid);
  return {
    participants: PARTICIPANTS,
    messages: messages.map(messageJson),
    /** Where the last attempt stopped; `null` where one connected, and while none is over. */
    stopped: last && !isConnected ? stoppedAt(last, messages, lastLeg && farEndOf(site, lastLeg)) : null,
  };
}

function messageJson({ at, until, detail, leg, isInferred, ...rest }: FoldedMessage) {
  return {
    at: new Date(at).toISOString(),
    ...rest,
    detail: detail ?? null,
    leg: leg ?? null,
    /** Of the last one, where the same came several times. */
    until: rest.count === 1 ? null : new Date(until).toISOString(),
    inferred: isInferred,
  };
}

/** Who is on the ladder, from the caller's side to the agent's. */
export const PARTICIPANTS = ['carrier', 'jambonz', 'livekit', 'agent'] as const;
export type Participant = (typeof PARTICIPANTS)[number];

/** What an arrow stands for; `event` is anything that is no SIP message. */
export const MESSAGE_KINDS = ['request', 'provisional', 'success', 'failure', 'event'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** One arrow of the ladder, or a note where `from` and `to` are the same. */
export interface Message {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly from: Participant;
  readonly to: Participant;
  readonly label: string;
  readonly kind: MessageKind;
  /** What else is to be said of it, in words. */
  readonly detail: string | undefined;
  /** call_sid of the leg; `undefined` where it is of no leg. */
  readonly leg: string | undefined;
  /** No webhook shows this message itself: it follows from what they show. */
  readonly isInferred: boolean;
}

/** The same message several times in a row. */
export interface FoldedMessage extends Message {
  readonly count: number;
  /** Of the last of them. */
  readonly until: number;
}

/**
 * Folds what a leg repeats: an admitted call is answered with a 180 every second. Messages of other legs and
 * events in between do not matter; it stands where the first one does.
 */
export function foldRepeats(messages: readonly Message[]): FoldedMessage[] {
  const folded: FoldedMessage[] = [];
  const lastOfLeg = new Map<string | undefined, number>();
  for (const message of messages) {
    const index = lastOfLeg.get(message.leg) ?? -1;
    const before = folded[index];
    if (message.kind === 'event') {
      folded.push({ ...message, count: 1, until: message.at });
    } else if (before && message.kind === 'provisional' && isSame(before, message)) {
      folded[index] = { ...before, count: before.count + 1, until: message.at };
    } else {
      lastOfLeg.set(message.leg, folded.push({ ...message, count: 1, until: message.at }) - 1);
    }
  }
  return folded;
}

function isSame(a: Message, b: Message): boolean {
  return a.leg === b.leg && a.from === b.from && a.to === b.to && a.label === b.label;
}
