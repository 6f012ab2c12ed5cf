import { useEffect } from 'preact/hooks';
import type { CallsPage, IncidentsPage } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { Heading } from '../parts/heading.tsx';
import { learnTrunkNames } from '../parts/trunkNames.tsx';
import { query } from '../route.ts';
import { Setup } from '../setup/setup.tsx';
import { now } from '../text/time.ts';
import { Calls } from './calls.tsx';
import { FilterForm } from './filterForm.tsx';
import { type Filters, filtersIn, incidentsPath, listed, PAGE_SIZE, sortIn, type Tab, tabIn } from './filters.ts';
import { IncidentList } from './incidentList.tsx';
import { Predicted } from './predicted.tsx';
import { Success } from './success.tsx';

/** How long, in milliseconds, a closed incident stays in the list of open ones. */
const SHOWN_AFTER_CLOSING_MS = 60 * 60_000;

/** Is it bad, and what is it: how many calls connect, then the incidents by impact. Before the first call, how to connect. */
export function Home() {
  const filters = filtersIn(query.value);
  const [tab, sort, cursor] = [tabIn(query.value), sortIn(query.value), query.value.get('cursor')];
  const any = useResource<CallsPage>('calls?limit=1&fields=summary', true);
  const path = incidentsPath(filters, sort, cursor);
  const resource = useResource<IncidentsPage>(path, cursor === null);
  // All open incidents are counted, also where the list shows others.
  const allPath = incidentsPath({}, 'impact', null);
  const all = useResource<IncidentsPage>(path === allPath ? undefined : allPath, true);
  const open = path === allPath ? resource : all;
  const closed = useJustClosed(filters, cursor);
  useEffect(() => learnTrunkNames(resource.data?.incidents ?? []), [resource.data]);
  const isEmpty = any.data?.calls.length === 0;
  if (isEmpty && Object.keys(filters).length === 0) return <Setup isFirst />;
  return (
    <>
      <Heading title="Why calls fail" class="unseen" />
      <Success filters={filters} open={open.data} />
      <Predicted />
      <div class="toolbar">
        <nav class="tabs" aria-label="Lists">
          <TabLink to="incidents" name="Incidents" filters={filters} tab={tab} />
          <TabLink to="calls" name="Calls" filters={filters} tab={tab} />
        </nav>
        <FilterForm filters={filters} tab={tab} sort={sort} />
      </div>
      {tab === 'calls' ? (
        <Calls filters={filters} cursor={cursor} />
      ) : (
        <IncidentList resource={resource} justClosed={closed} filters={filters} sort={sort} cursor={cursor} />
      )}
    </>
  );
}

function TabLink({ to, name, filters, tab }: { to: Tab; name: string; filters: Filters; tab: Tab }) {
  return (
    <a href={listed(filters, to, 'impact')} aria-current={to === tab ? 'page' : undefined}>
      {name}
    </a>
  );
}

/** Incidents that closed within the hour, where the list has open ones only. */
function useJustClosed(filters: Filters, cursor: string | null) {
  const isWanted = filters.state === undefined && cursor === null;
  const path = incidentsPath({ ...filters, state: 'closed' }, 'last', null).replace(`limit=${PAGE_SIZE}`, 'limit=20');
  const { data } = useResource<IncidentsPage>(isWanted ? path : undefined, true);
  if (!isWanted) return [];
  return (data?.incidents ?? []).filter(
    ({ closed_at }) => closed_at !== null && now.value - Date.parse(closed_at) < SHOWN_AFTER_CLOSING_MS,
  );
}
