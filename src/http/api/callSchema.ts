import { Type } from 'typebox';
import { CauseId, LISTED_ATTEMPT } from '../../core/explain/explanationSchema.ts';
import { MESSAGE_KINDS, PARTICIPANTS } from '../../core/explain/ladder/ladder.ts';
import { count, NextCursor, nullable, oneOf, text, time } from './apiSchema.ts';

const Verdict = oneOf(['pass', 'fail', 'unknown'], 'unknown: it depends on a value that isn’t known.');

const Field = Type.Object(
  {
    field: Type.String(),
    verdict: Verdict,
    sent: nullable(text('Value in the call.')),
    listed: Type.Array(Type.String()),
    listed_left_out: Type.Optional(Type.Integer({ description: 'How many more entries a long list has.' })),
    edit: Type.Optional(text('The smallest edit that would admit the call.')),
  },
  { title: 'MatchField', description: 'One field of a trunk or rule, compared with the call.' },
);

/** LiveKit's matching, step by step. */
export const Match = Type.Object(
  {
    trunks: Type.Array(
      Type.Object({
        sip_trunk_id: Type.String(),
        name: Type.String(),
        verdict: Verdict,
        meant: Type.Boolean({ description: 'Whether LiveKit chose this trunk, or it is the likely trunk.' }),
        fields: Type.Array(Field),
      }),
      { description: 'The closest match first.' },
    ),
    trunks_left_out: count('Number of trunks left out.'),
    auth: nullable(Field),
    dispatch_rules: Type.Array(
      Type.Object({
        sip_dispatch_rule_id: Type.String(),
        name: Type.String(),
        verdict: Verdict,
        chosen: Type.Boolean(),
        priority: Type.Integer({ description: 'LiveKit’s priority of the rule; the lowest wins.' }),
        fields: Type.Array(Field),
      }),
    ),
    dispatch_rules_left_out: count('Number of rules left out.'),
  },
  {
    title: 'Match',
    description: 'LiveKit’s matching by trunk and rule, with the configuration at the time of the call.',
  },
);

/** A settled attempt in lists and events. */
export const ListedCall = Type.Object(LISTED_ATTEMPT, {
  title: 'Attempt',
  description: 'A call attempt with its explanation.',
});

const ATTEMPT = {
  call_sid: 'd2a4c7b1-0c1b-4b58-8f0d-5f5a1d2e0b02',
  from: '+4915112345678',
  to: 'sip:4991874350352@example.sip.livekit.cloud',
  outcome: 'failed',
  cause: 'auth_missing',
  party: 'application',
  confidence: 'certain',
  blocking: ['auth_missing'],
  summary:
    'The call to sip:4991874350352@example.sip.livekit.cloud failed (407 Unauthorized): the trunk requires credentials, but none were sent. Owner: application.',
  trunk: 'ST_GjeZjGQjrsvC',
  response: { status: 407, reason: 'Unauthorized', origin: 'livekit' },
  started_at: '2026-11-23T06:16:00.000Z',
  settled_at: '2026-11-23T06:16:00.900Z',
};

const CallSummary = Type.Pick(
  Type.Object(LISTED_ATTEMPT),
  [
    ...(['call_sid', 'from', 'to', 'outcome', 'cause', 'party', 'confidence', 'blocking', 'summary'] as const),
    ...(['trunk', 'response', 'started_at', 'settled_at'] as const),
  ],
  { title: 'AttemptSummary', description: 'A call attempt with fields=summary.', examples: [ATTEMPT] },
);

export const CallList = Type.Object(
  {
    calls: Type.Union([Type.Array(ListedCall), Type.Array(CallSummary)]),
    next_cursor: NextCursor,
    searched_back_to: nullable(
      time('This page and those before it have all matches settled after this time; null on the last page.'),
    ),
  },
  {
    title: 'CallList',
    description:
      'Call attempts, the latest settled first. One request looks through a limited number of attempts, so a page may have fewer than the limit, or none, although next_cursor is given.',
  },
);

const Participant = oneOf(PARTICIPANTS, 'Column of the ladder.');

const Message = Type.Object(
  {
    at: time('Time of the message.'),
    from: Participant,
    to: Participant,
    label: Type.String(),
    kind: oneOf(MESSAGE_KINDS, 'event: not a SIP message.'),
    detail: nullable(Type.String()),
    leg: nullable(text('call_sid of the leg.')),
    count: count('How often it was repeated in a row.'),
    until: nullable(time('Time of the last repetition.')),
    inferred: Type.Boolean({ description: 'Inferred from webhooks rather than reported by one.' }),
  },
  { title: 'LadderMessage', description: 'One arrow of the ladder.' },
);

const Ladder = Type.Object(
  {
    participants: Type.Array(Participant),
    messages: Type.Array(Message),
    stopped: nullable(
      Type.Object({
        at_participant: Participant,
        after_message: nullable(count('Index of the last message before the call stopped.')),
        text: Type.String(),
      }),
    ),
  },
  { title: 'Ladder', description: 'Who sent what to whom, and where the call stopped.' },
);

/** The fields of every entry; others depend on source and event. */
const TimelineEntry = Type.Object(
  {
    at: time('Time of the event.'),
    source: oneOf(['jambonz', 'livekit'], 'Sender of the webhook.'),
    event: Type.String(),
  },
  { title: 'TimelineEntry', description: 'One webhook.', additionalProperties: true },
);

export const TraceUrl = nullable(text('The trace of the call in Jambonz; null without TRACE_URL_TEMPLATE.'));

const IncidentRef = Type.Object(
  { id: Type.String(), cause: CauseId, title: Type.String() },
  { title: 'IncidentRef', description: 'The incident that counts the attempt.' },
);

const Pending = Type.Object(
  {
    call_sid: Type.String(),
    from: nullable(Type.String()),
    to: nullable(Type.String()),
    started_at: nullable(time('When its first webhook came.')),
    match: nullable(Match),
  },
  { title: 'PendingAttempt', description: 'An attempt that is not explained yet.' },
);

export const Call = Type.Object(
  {
    call_sid: text('call_sid of the A leg.'),
    from: nullable(Type.String()),
    to: nullable(Type.String()),
    started_at: nullable(time('When its first webhook came.')),
    settled: Type.Boolean({ description: 'Whether at least one attempt is explained.' }),
    timeline: Type.Array(TimelineEntry, {
      description: 'The webhooks of the call, up to the first 1000 of Jambonz’s.',
    }),
    ladder: Ladder,
    attempts: Type.Array(
      Type.Object(
        { ...LISTED_ATTEMPT, match: nullable(Match), incident: nullable(IncidentRef), trace_url: TraceUrl },
        { title: 'AttemptWithMatch', description: 'A call attempt with its explanation and LiveKit’s matching.' },
      ),
    ),
    pending: Type.Array(Pending, { description: 'Attempts that are not explained yet.' }),
    left_out: Type.Object(
      {
        webhooks: count('Number of Jambonz’s webhooks left out.'),
        attempts: count('Number of attempts left out, at least.'),
      },
      { description: 'What is left out of a call with more than 1000 webhooks or 100 attempts.' },
    ),
  },
  { title: 'Call', description: 'A call with its timeline, ladder and attempts.' },
);
