import { Type } from 'typebox';
import { CauseId, IncidentFix, LISTED_ATTEMPT, Party, PrecedingChange } from '../../core/explain/explanationSchema.ts';
import { CLOSED_WORDS } from '../../core/explain/incidentJson.ts';
import { SPARKLINE_PARTS } from '../../core/incidents/incidentWindow.ts';
import { count, NextCursor, nullable, oneOf, text, time } from './apiSchema.ts';
import { TraceUrl } from './callSchema.ts';
import { HANDLING } from './handlingSchema.ts';

const CallAt = Type.Object({ call_sid: Type.String(), at: time('Start of the call.') });

const Share = Type.Number({
  minimum: 0,
  maximum: 1,
  description: 'Share of these calls in all attempts of the time, except those that are not counted.',
});

const Window = Type.Object(
  {
    since: time('Beginning of the time.'),
    until: time('End of the time.'),
    failed: count('Number of its failed calls that settled in the time.'),
    share: Share,
    sparkline: Type.Array(Type.Integer({ minimum: 0 }), {
      minItems: SPARKLINE_PARTS,
      maxItems: SPARKLINE_PARTS,
      description: `Failed calls in ${SPARKLINE_PARTS} equal parts of the time, the oldest first.`,
    }),
  },
  { title: 'IncidentWindow', description: 'The incident in the time that is asked for.' },
);

const Links = Type.Object(
  {
    page: nullable(text('Its page. Relative to the page of sipwhy, without PAGE_URL.')),
    runbook: nullable(text('The runbook of its cause.')),
    grafana: nullable(text('The dashboard of its trunk at that time; null without GRAFANA_URL.')),
    ticket: nullable(text('Its latest call as Markdown for a ticket.')),
  },
  { title: 'IncidentLinks', description: 'Where to read more.' },
);

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
  status: nullable(count('Status of the final SIP response of the latest call; null if there was none.')),
  callers: nullable(count('Number of distinct callers; null if there are too many to count.')),
  worsened_at: nullable(time('When the incident last worsened.')),
  examples: Type.Array(Type.String(), { description: 'call_sids of example calls.' }),
  change: nullable(PrecedingChange),
  fix: nullable(IncidentFix),
  command: nullable(text('The first command of the fix that can be run as it is.')),
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
  ...HANDLING,
  links: Links,
};

export const Incident = Type.Object(INCIDENT, {
  title: 'Incident',
  description: 'Failed calls with the same cause on the same trunk.',
});

const ListedIncident = Type.Object(
  { ...INCIDENT, window: Window },
  { title: 'ListedIncident', description: 'An incident in the time that is asked for.' },
);

export const IncidentList = Type.Object(
  { incidents: Type.Array(ListedIncident), next_cursor: NextCursor },
  { title: 'IncidentList', description: 'Incidents in the order that is asked for.' },
);

const { call_sid, started_at, from, to, outcome, cause, confidence, summary } = LISTED_ATTEMPT;
const ExampleCall = Type.Object(
  { call_sid, started_at, from, to, outcome, cause, confidence, summary, trace_url: TraceUrl },
  { title: 'ExampleCall', description: 'A call of the incident.' },
);

const Series = Type.Object(
  {
    step_seconds: Type.Integer({ minimum: 1, description: 'Length of a bucket.' }),
    buckets: Type.Array(
      Type.Object({
        at: time('Beginning of the bucket.'),
        failed: count('Number of its failed calls that settled then.'),
      }),
      { description: 'Without gaps, the oldest first.' },
    ),
  },
  { title: 'IncidentSeries', description: 'The failed calls of the incident from the first one until now.' },
);

export const IncidentWithCalls = Type.Object(
  { ...INCIDENT, window: Window, series: Series, example_calls: Type.Array(ExampleCall) },
  { title: 'IncidentWithCalls', description: 'An incident with its series and example calls.' },
);
