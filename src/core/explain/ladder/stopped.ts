import type { Cause, Stage } from '../../diagnose/cause.ts';
import { causeOf } from '../../diagnose/causeOf.ts';
import type { AttemptRecord } from '../../diagnose/record.ts';
import type { FoldedMessage, Participant } from './ladder.ts';

/** Where a call stops, by the stage of its cause; `far_end`: at the called party. */
const STOPS_AT: Record<Stage, Participant | 'far_end'> = {
  jambonz: 'jambonz',
  host: 'far_end',
  network: 'jambonz',
  backend: 'livekit',
  trunk: 'livekit',
  called: 'livekit',
  source: 'livekit',
  caller: 'livekit',
  conflict: 'livekit',
  auth: 'livekit',
  dispatch: 'livekit',
  media: 'far_end',
  room: 'livekit',
  agent: 'agent',
  callee: 'far_end',
  after_answer: 'far_end',
  unknown: 'far_end',
};

/** Where a failed attempt stopped, as JSON; `null` where no cause is known. `far` is who the attempt was for, where that is known. */
export function stoppedAt(record: AttemptRecord, messages: readonly FoldedMessage[], far: Participant = 'carrier') {
  const cause = causeOf(record.cause);
  if (!cause) return null;
  if (record.outcome === 'dropped') return droppedAt(record, cause, messages, far);
  const stop = STOPS_AT[cause.stage];
  const after = lastReported(messages, record.callSid);
  return {
    at_participant: stop === 'far_end' ? far : stop,
    /** Index of the last message of the leg that was on its way to where it stopped, or came back from there. */
    after_message: after === -1 ? null : after,
    text: `${lastWords(messages, after)}: ${cause.title}.`,
  };
}

/** Where an answered attempt was dropped: at the agent, or at who was dialled. */
function droppedAt(
  { callSid, end }: AttemptRecord,
  { party, title }: Cause,
  messages: readonly FoldedMessage[],
  far: Participant,
) {
  const after = messages.findLastIndex(({ leg }) => leg === callSid);
  const when = end?.seconds === undefined ? '' : ` ${end.seconds.toFixed(0)} s after the answer`;
  return {
    at_participant: party === 'agent' ? ('agent' as const) : far,
    after_message: after === -1 ? null : after,
    text: `Dropped${when}: ${title}.`,
  };
}

/** The last message of a leg before it was cancelled. */
function lastReported(messages: readonly FoldedMessage[], leg: string): number {
  return messages.findLastIndex(
    (message) => message.leg === leg && message.kind !== 'event' && (message.label === 'INVITE' || !message.isInferred),
  );
}

function lastWords(messages: readonly FoldedMessage[], index: number): string {
  const last = messages[index];
  if (!last) return 'No webhook reported this leg itself';
  const { label, kind, count, at, until, leg } = last;
  if (kind === 'failure') return label;
  const end = messages.find((message, i) => i > index && message.leg === leg);
  const silence = end ? ` for ${((end.at - until) / 1000).toFixed(0)} s` : '';
  if (label === 'INVITE') return `No answer to the INVITE was reported${silence}`;
  if (count === 1) return `One ${label} and then silence${silence}`;
  return `${count} times ${label} in ${((until - at) / 1000).toFixed(0)} s, and no answer`;
}
