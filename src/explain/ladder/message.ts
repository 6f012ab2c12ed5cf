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
