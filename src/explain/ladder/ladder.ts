import type { CallEvent } from '../../call/event.ts';
import type { LiveKitEvent } from '../../call/livekitEvent.ts';
import type { AttemptRecord } from '../../diagnose/record.ts';
import type { Site } from '../../diagnose/site.ts';
import { liveKitEventsOf } from '../liveKitTimeline.ts';
import { farEndOf, jambonzMessages } from './jambonz.ts';
import { liveKitMessages } from './liveKit.ts';
import { type FoldedMessage, foldRepeats, PARTICIPANTS } from './message.ts';
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
      ...jambonzMessages(site, inTime, (callSid) => byLeg.get(callSid)?.response?.origin),
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
