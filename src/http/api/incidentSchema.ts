import { Type } from 'typebox';
import { CauseId, IncidentFix, LISTED_ATTEMPT, Party, PrecedingChange } from '../../core/explain/explanationSchema.ts';
import { CLOSED_WORDS } from '../../core/explain/incidentJson.ts';
import { count, NextCursor, nullable, oneOf, text, time } from './apiSchema.ts';

const CallAt = Type.Object({ call_sid: Type.String(), at: time('When it began.') });

const INCIDENT = {
  id: Type.String(),
  cause: CauseId,
  title: Type.String(),
  party: Party,
  trunk: text('An id, none, or unknown.'),
  trunk_name: nullable(Type.String()),
  state: oneOf(['open', 'closed'], 'Whether the cause is still there, as far as is known.'),
  opened_at: time('When it was opened.'),
  closed_at: nullable(time('When it was closed.')),
  closed_because: nullable(oneOf(Object.keys(CLOSED_WORDS), 'What showed that it is over.')),
  closed_text: nullable(text('The same as a sentence.')),
  quiet_since: nullable(time('Since when nothing failed, though nothing shows that it is over.')),
  first_call: CallAt,
  last_call: CallAt,
  calls: count('How many attempts.'),
  callers: nullable(count('How many distinct callers.')),
  worsened_at: nullable(time('When it last became worse.')),
  examples: Type.Array(Type.String(), { description: 'call_sids.' }),
  change: nullable(PrecedingChange),
  fix: nullable(IncidentFix),
  after_fix: nullable(
    Type.Object({
      state: oneOf(
        [
          'configuration_changed',
          'recheck_passes',
          'recheck_fails',
          'probe_ok',
          'next_call_connected',
          'next_call_failed',
        ],
        'What was learnt after something was done about it.',
      ),
      text: Type.String(),
      at: time('When.'),
    }),
  ),
  summary: Type.String(),
};

export const Incident = Type.Object(INCIDENT, { description: 'Failed calls with one cause on one trunk.' });

export const IncidentList = Type.Object(
  { incidents: Type.Array(Incident), next_cursor: NextCursor },
  { description: 'Incidents, open ones first, then the newest.' },
);

const { call_sid, started_at, from, to, outcome, cause, confidence, summary } = LISTED_ATTEMPT;
const ExampleCall = Type.Object({ call_sid, started_at, from, to, outcome, cause, confidence, summary });

export const IncidentWithCalls = Type.Object(
  { ...INCIDENT, example_calls: Type.Array(ExampleCall) },
  { description: 'An incident with its example calls.' },
);
