import { Type } from 'typebox';
import { CauseId, IncidentFix, Party, Paste } from '../../core/explain/explanationSchema.ts';
import { CLOSED_PREDICTION_WORDS } from '../../core/explain/predictionJson.ts';
import { EFFECTS } from '../../core/predict/prediction.ts';
import { count, nullable, oneOf, text, time } from './apiSchema.ts';

const Place = Type.Object(
  {
    trunk: nullable(text('null: a wildcard rule admits the call past all trunks.')),
    rule: text('Id of the dispatch rule.'),
    room_kind: nullable(oneOf(['direct', 'individual', 'callee'], 'Kind of the rule.')),
    room: text('Room of a direct rule, otherwise the room prefix.'),
    agents: Type.Array(Type.String(), { description: 'Names in room_config.agents.' }),
  },
  { title: 'Place', description: 'Where LiveKit takes a call that it admits.' },
);

const CallsPerDay = Type.Number({ minimum: 0, description: 'Connected calls a day in the last 7 days.' });
const TrafficShare = Type.Number({
  minimum: 0,
  maximum: 1,
  description: 'Share of all connected calls of these days.',
});
const Effect = oneOf(
  EFFECTS,
  'refused: the calls would fail. other_place: they would reach another room or agent. opened: calls get in that used to be kept out.',
);

const Kind = Type.Object(
  {
    to: text('The dialled SIP URI.'),
    caller: nullable(Type.String()),
    any_caller: Type.Boolean({
      description: 'Whether it stands for callers that no list has; then caller is one of them.',
    }),
    calls_per_day: CallsPerDay,
    before: Place,
    now: nullable(Place),
  },
  { title: 'CallKind', description: 'Calls that LiveKit’s matching treats alike.' },
);

export const Predicted = Type.Object(
  {
    id: Type.String(),
    state: oneOf(['predicted', 'closed'], 'predicted: the configuration in force does this.'),
    effect: Effect,
    cause: nullable(CauseId),
    title: Type.String(),
    party: Party,
    trunk: text('A trunk id, or none.'),
    trunk_name: nullable(Type.String()),
    certain: Type.Boolean({ description: 'false: it depends on something that isn’t known, such as credentials.' }),
    opened_at: time('When it was predicted.'),
    closed_at: nullable(time('When it closed.')),
    closed_because: nullable(oneOf(Object.keys(CLOSED_PREDICTION_WORDS), 'Why it closed.')),
    closed_text: nullable(text('closed_because as a sentence.')),
    change: Type.Object(
      {
        since: time('Last reading of the configuration without the change.'),
        at: time('First reading with it.'),
        changes: Type.Array(Type.String()),
      },
      { title: 'PredictedChange', description: 'The change that does this.' },
    ),
    kinds: Type.Array(Kind, { description: 'The kinds of calls with most calls, at most 20.' }),
    kinds_hit: count('How many kinds of calls it concerns.'),
    kinds_seen: count('How many kinds of calls connected in the last 7 days.'),
    calls_per_day: CallsPerDay,
    traffic_share: TrafficShare,
    fix: nullable(IncidentFix),
    take_back: nullable(
      Type.Object(
        {
          steps: Type.Array(Type.String()),
          pastes: Type.Array(Paste),
          by_hand: Type.Array(Type.String(), { description: 'What sipwhy doesn’t store, such as a password.' }),
        },
        { title: 'TakeBack', description: 'The edits that take the change back.' },
      ),
    ),
    command: nullable(text('The first command that can be run as it is.')),
    summary: Type.String(),
  },
  {
    title: 'PredictedIncident',
    description: 'What a change of LiveKit’s configuration will do to calls, before the first of them is made.',
  },
);

export const PredictedList = Type.Object(
  { incidents: Type.Array(Predicted) },
  { title: 'PredictedList', description: 'Open ones first, then the newest; at most 200.' },
);

export const WhatIfAnswer = Type.Object(
  {
    kinds_seen: count('How many kinds of calls connected in the last 7 days.'),
    calls_per_day: CallsPerDay,
    is_harmless: Type.Boolean({
      description: 'Whether no call would be refused or land elsewhere, and nothing is opened.',
    }),
    hits: Type.Array(
      Type.Object({
        effect: Effect,
        cause: nullable(CauseId),
        trunk: text('A trunk id, or none.'),
        title: Type.String(),
        kinds_hit: count('How many kinds of calls it concerns.'),
        calls_per_day: CallsPerDay,
        traffic_share: TrafficShare,
        text: Type.String(),
        kinds: Type.Array(Kind, { description: 'Those with most calls, at most 20.' }),
      }),
    ),
    opens: Type.Array(Type.Object({ trunk: Type.String(), what: Type.String() })),
    recent_failures: Type.Object({
      calls: count('Recent failed calls that the configuration in force stops.'),
      would_connect: count('How many of them the changed one would admit.'),
    }),
  },
  { title: 'WhatIf', description: 'What a changed configuration would do to the calls of the last 7 days.' },
);
