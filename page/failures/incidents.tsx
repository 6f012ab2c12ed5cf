import type { Incident, IncidentsPage } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { Heading } from '../parts/heading.tsx';
import { Loading, ProblemNotice } from '../parts/notices.tsx';
import { address, query } from '../route.ts';
import { now } from '../text/time.ts';
import { sentence } from '../text/words.ts';
import { Calls } from './calls.tsx';
import { IncidentCard } from './incidentCard.tsx';

/** How long, in milliseconds, a closed incident stays on top, so that people can see that their fix helped. */
const SHOWN_AFTER_CLOSING_MS = 60 * 60_000;

/** The open incidents and those that have just closed. Absent if the service has no incidents API. */
export function OpenIncidents() {
  const { data, problem } = useResource<IncidentsPage>('incidents?state=all&limit=30', true);
  if (problem?.status === 404) return null;
  const open = data?.incidents.filter(({ state }) => state === 'open') ?? [];
  const closed = data?.incidents.filter(isJustClosed) ?? [];
  return (
    <section class="incidents" aria-labelledby="open-incidents">
      <h2 id="open-incidents">
        {!data ? 'Open incidents' : open.length === 0 ? 'No open incidents' : `Open incidents: ${open.length}`}
      </h2>
      <ProblemNotice problem={problem} what="Incidents could not be read" />
      {open.map((incident) => (
        <IncidentCard key={incident.id} incident={incident} heading="h3" />
      ))}
      {closed.length > 0 && <h2>Closed within the last hour: {closed.length}</h2>}
      {closed.map((incident) => (
        <IncidentCard key={incident.id} incident={incident} heading="h3" />
      ))}
      <p class="earlier">
        <a href={address({ view: 'incidents' })}>Earlier incidents</a>
      </p>
    </section>
  );
}

function isJustClosed({ closed_at }: Incident): boolean {
  return closed_at !== null && now.value - Date.parse(closed_at) < SHOWN_AFTER_CLOSING_MS;
}

/** All incidents, open ones first; or one of them with its calls. */
export function Incidents() {
  const id = query.value.get('incident');
  return id === null ? <AllIncidents /> : <OneIncident id={id} />;
}

function AllIncidents() {
  const cursor = query.value.get('cursor');
  const path = `incidents?state=all&limit=20${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`;
  const { data, problem } = useResource<IncidentsPage>(path, true);
  return (
    <>
      <Heading title="Incidents" />
      <p class="quiet">An incident groups the failures with one cause on one trunk.</p>
      <ProblemNotice problem={problem} what="Incidents could not be read" />
      {!data && !problem && <Loading what="incidents" />}
      {data?.incidents.length === 0 && <p>No incidents yet.</p>}
      <div class="incidents">
        {data?.incidents.map((incident) => (
          <IncidentCard key={incident.id} incident={incident} heading="h2" />
        ))}
      </div>
      {data?.next_cursor && (
        <p class="pager">
          <a href={address({ view: 'incidents', cursor: data.next_cursor })}>Older incidents →</a>
        </p>
      )}
    </>
  );
}

function OneIncident({ id }: { id: string }) {
  const { data, problem } = useResource<Incident>(`incidents/${encodeURIComponent(id)}`, true);
  return (
    <>
      <p class="back">
        <a href="./">← Failed calls</a>
      </p>
      <Heading title={data ? sentence(data.title) : 'Incident'} />
      <ProblemNotice problem={problem} what="The incident could not be read" />
      {data && (
        <div class="incidents">
          <IncidentCard incident={data} heading={undefined} />
        </div>
      )}
      <h2>Calls in this incident</h2>
      <Calls filters={{}} cursor={query.value.get('cursor')} incident={id} />
    </>
  );
}
