import { Type } from 'typebox';
import { CauseId, IncidentFix, LISTED_ATTEMPT, Party, PrecedingChange } from '../../core/explain/explanationSchema.ts';
import { CLOSED_WORDS } from '../../core/explain/incidentJson.ts';
import { count, NextCursor, nullable, oneOf, text, time } from './apiSchema.ts';

const CallAt = Type.Object({ call_sid: Type.String(), at: time('Start of the call.') });

const INCIDENT = {
  id: Type.String(),
  cause: CauseId,
  title: Type.String(),
  party: Party,
  trunk: text('A trunk id, none or unknown.'),
  trunk_name: nullable(Type.String()),
  state: oneOf(['open', 'closed'], 'closed_because says why an incident is closed.'),
  opened_at: time('When the incident opened.'),
  closed_at: nullable(time('When the incident closed.')),
  closed_because: nullable(oneOf(Object.keys(CLOSED_WORDS), 'Why the incident closed.')),
  closed_text: nullable(text('closed_because as a sentence.')),
  quiet_since: nullable(
    time('Time of the last failure, if calls stopped failing but nothing shows that the cause is gone.'),
  ),
  first_call: CallAt,
  last_call: CallAt,
  calls: count('Number of failed attempts.'),
  callers: nullable(count('Number of distinct callers; null if there are too many to count.')),
  worsened_at: nullable(time('When the incident last worsened.')),
  examples: Type.Array(Type.String(), { description: 'call_sids of example calls.' }),
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
        'Whether the latest fix worked, as far as known.',
      ),
      text: Type.String(),
      at: time('Time of the result.'),
    }),
  ),
  summary: Type.String(),
};

export const Incident = Type.Object(INCIDENT, {
  title: 'Incident',
  description: 'Failed calls with the same cause on the same trunk.',
});

export const IncidentList = Type.Object(
  { incidents: Type.Array(Incident), next_cursor: NextCursor },
  { title: 'IncidentList', description: 'Incidents, open ones first, then the newest.' },
);

const { call_sid, started_at, from, to, outcome, cause, confidence, summary } = LISTED_ATTEMPT;
const ExampleCall = Type.Object(
  { call_sid, started_at, from, to, outcome, cause, confidence, summary },
  { title: 'ExampleCall', description: 'A call of the incident.' },
);

export const IncidentWithCalls = Type.Object(
  { ...INCIDENT, example_calls: Type.Array(ExampleCall) },
  { title: 'IncidentWithCalls', description: 'An incident with its example calls.' },
);
