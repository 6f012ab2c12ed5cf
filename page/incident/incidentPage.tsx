import { useEffect, useState } from 'preact/hooks';
import type { Attempt, Call, OneIncident, Stats } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { causes } from '../parts/causes.tsx';
import { FixCard } from '../parts/fixCard.tsx';
import { Fold } from '../parts/fold.tsx';
import { Heading } from '../parts/heading.tsx';
import { Loading, ProblemNotice } from '../parts/notices.tsx';
import { Prose } from '../parts/prose.tsx';
import { WhyCard } from '../parts/whyCard.tsx';
import { address } from '../route.ts';
import { IncidentChart } from './incidentChart.tsx';
import { IncidentHead } from './incidentHead.tsx';
import { IncidentLinks } from './incidentLinks.tsx';
import { NewestCalls } from './newestCalls.tsx';
import { Notes } from './notes.tsx';
import type { Acted } from './useDeed.ts';

/** One incident: what to do about it, then what shows it. */
export function IncidentPage({ id }: { id: string }) {
  const path = `incidents/${encodeURIComponent(id)}`;
  const { data, problem } = useResource<OneIncident>(path, true);
  // An action answers with the incident; it is shown until the next answer.
  const [answered, setAnswered] = useState<OneIncident>();
  useEffect(() => {
    if (data) setAnswered(data);
  }, [data]);
  const incident = answered?.id === id ? answered : data;
  if (!incident) {
    return (
      <>
        <p class="back">
          <a href={address()}>← Incidents</a>
        </p>
        <Heading title={problem?.status === 404 ? 'Unknown incident' : 'Incident'} />
        <ProblemNotice problem={problem} what="The incident could not be read" />
        {!problem && <Loading what="the incident" />}
      </>
    );
  }
  return (
    <>
      <ProblemNotice problem={problem} what="This may be out of date" />
      <Story acted={{ incident, setIncident: setAnswered }} />
    </>
  );
}

function Story({ acted }: { acted: Acted }) {
  const { incident } = acted;
  const { first_call, last_call, trunk } = incident;
  const { data: call, problem } = useResource<Call>(`calls/${encodeURIComponent(last_call.call_sid)}`);
  const attempt = call?.attempts.find(({ call_sid }) => call_sid === last_call.call_sid);
  const since = new URLSearchParams({ since: first_call.at, trunk });
  const stats = useResource<Stats>(`stats?${since}`, true).data;
  const all = stats?.counts.reduce((sum, { outcome, attempts }) => sum + (outcome === 'not_counted' ? 0 : attempts), 0);
  return (
    <>
      <IncidentHead acted={acted} all={all} />
      <div class="columns">
        <div>
          <WhatToDo incident={incident} attempt={attempt} />
          <IncidentChart incident={incident} />
          <Notes notes={incident.notes} />
        </div>
        <div>
          {attempt && <WhyCard attempt={attempt} title={incident.state === 'open' ? 'Why' : 'Why they failed'} />}
          {!call && !problem && (
            <section class="card card-coming" aria-label="Why">
              <h2>Why</h2>
              <Loading what="the newest call" />
            </section>
          )}
          <NewestCalls acted={acted} />
          <IncidentLinks incident={incident} />
        </div>
      </div>
    </>
  );
}

/** The fix; without one, what the runbook says first. Of a closed incident it is past, and folded. */
function WhatToDo({ incident, attempt }: { incident: OneIncident; attempt: Attempt | undefined }) {
  const { fix, cause, state } = incident;
  const ofCause = attempt?.fixes.filter((one) => one.cause === cause) ?? [];
  const effects = ofCause.find(({ action }) => action === fix?.action)?.effects;
  // The fix of one caller is no other way where the incident's own adds them all.
  const isOfOne = ({ change }: Attempt['fixes'][number]) =>
    incident.callers !== 1 &&
    change?.kind === 'trunk' &&
    change.field === 'allowed_numbers' &&
    change.add !== undefined;
  const others = ofCause.filter((one) => one.action !== fix?.action && !isOfOne(one));
  const steps = causes.value.get(cause)?.runbook.mitigation ?? [];
  const card = fix ? (
    <FixCard fixes={[{ ...fix, effects }, ...others]} />
  ) : (
    <section class="card" aria-label="What to do">
      <h2>What to do</h2>
      <ol class="to-do">
        {steps.map((step) => (
          <li key={step}>
            <Prose text={step} />
          </li>
        ))}
      </ol>
    </section>
  );
  if (state === 'open') return card;
  return (
    <div class="card">
      <Fold summary={fix ? `The fix, should it come back: ${fix.action}` : 'What to do, should it come back'}>
        {card}
      </Fold>
    </div>
  );
}
