import { Type } from 'typebox';
import { LISTED_ATTEMPT } from '../../core/explain/explanationSchema.ts';
import { MESSAGE_KINDS, PARTICIPANTS } from '../../core/explain/ladder/ladder.ts';
import { count, NextCursor, nullable, oneOf, text, time } from './apiSchema.ts';

const Verdict = oneOf(['pass', 'fail', 'unknown'], 'unknown: it depends on what is not known.');

const Field = Type.Object({
  field: Type.String(),
  verdict: Verdict,
  sent: nullable(text('What the call carries.')),
  listed: Type.Array(Type.String()),
  edit: Type.Optional(text('The nearest edit that would admit the call.')),
});

/** How LiveKit's matching came to its answer. */
export const Match = Type.Object(
  {
    trunks: Type.Array(
      Type.Object({
        sip_trunk_id: Type.String(),
        name: Type.String(),
        verdict: Verdict,
        meant: Type.Boolean({ description: 'LiveKit’s choice, or else the trunk most likely meant.' }),
        fields: Type.Array(Field),
      }),
      { description: 'The nearest first.' },
    ),
    trunks_left_out: count('How many trunks are not shown.'),
    auth: nullable(Field),
    dispatch_rules: Type.Array(
      Type.Object({
        sip_dispatch_rule_id: Type.String(),
        name: Type.String(),
        verdict: Verdict,
        chosen: Type.Boolean(),
        priority: Type.Integer({ description: 'LiveKit’s sorting priority; lower wins.' }),
        fields: Type.Array(Field),
      }),
    ),
    dispatch_rules_left_out: count('How many rules are not shown.'),
  },
  { description: 'LiveKit’s matching, trunk by trunk and rule by rule, by the configuration of the call’s time.' },
);

/** One settled attempt as lists and events have it. */
export const ListedCall = Type.Object(LISTED_ATTEMPT, { description: 'One attempt, and why it ended as it did.' });

const CallSummary = Type.Pick(
  Type.Object(LISTED_ATTEMPT),
  [
    ...(['call_sid', 'from', 'to', 'outcome', 'cause', 'party', 'confidence', 'blocking', 'summary'] as const),
    ...(['trunk', 'response', 'started_at', 'settled_at'] as const),
  ],
  { description: 'One attempt with fields=summary.' },
);

export const CallList = Type.Object(
  { calls: Type.Union([Type.Array(ListedCall), Type.Array(CallSummary)]), next_cursor: NextCursor },
  { description: 'Attempts, the latest settled first.' },
);

const Participant = oneOf(PARTICIPANTS, 'Who it is.');

const Message = Type.Object({
  at: time('When.'),
  from: Participant,
  to: Participant,
  label: Type.String(),
  kind: oneOf(MESSAGE_KINDS, 'event: no SIP message.'),
  detail: nullable(Type.String()),
  leg: nullable(text('call_sid of the leg.')),
  count: count('How often it came in a row.'),
  until: nullable(time('When the last of them came.')),
  inferred: Type.Boolean({ description: 'No webhook shows it; it follows from what they show.' }),
});

const Ladder = Type.Object({
  participants: Type.Array(Participant),
  messages: Type.Array(Message),
  stopped: nullable(
    Type.Object({
      at_participant: Participant,
      after_message: nullable(count('Index of the last message before it.')),
      text: Type.String(),
    }),
  ),
});

/** What every line has; the rest depends on the source and the event. */
const TimelineEntry = Type.Object(
  { at: time('When it happened.'), source: oneOf(['jambonz', 'livekit'], 'Who told.'), event: Type.String() },
  { additionalProperties: true },
);

const Pending = Type.Object({
  call_sid: Type.String(),
  from: nullable(Type.String()),
  to: nullable(Type.String()),
  started_at: nullable(time('When its first webhook came.')),
  match: nullable(Match),
});

export const Call = Type.Object(
  {
    call_sid: text('Of the A leg.'),
    from: nullable(Type.String()),
    to: nullable(Type.String()),
    started_at: nullable(time('When its first webhook came.')),
    settled: Type.Boolean({ description: 'Whether an attempt is explained yet.' }),
    timeline: Type.Array(TimelineEntry, { description: 'Every webhook of the call.' }),
    ladder: Ladder,
    attempts: Type.Array(Type.Object({ ...LISTED_ATTEMPT, match: nullable(Match) })),
    pending: Type.Array(Pending, { description: 'Attempts of which nothing is said yet.' }),
  },
  { description: 'One call.' },
);
