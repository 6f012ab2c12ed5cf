import { useEffect, useRef, useState } from 'preact/hooks';
import type { Incident, IncidentsPage } from '../api/types.ts';
import type { Resource } from '../api/useResource.ts';
import { Empty, Loading, ProblemNotice } from '../parts/notices.tsx';
import { address } from '../route.ts';
import { type Filters, listed, SORTS, type Sort, spanWords } from './filters.ts';
import { IncidentRow } from './incidentRow.tsx';

/** Incidents as rows, and below them those that have just closed, so that people see that their fix helped. */
export function IncidentList({ resource, justClosed, filters, sort, cursor }: IncidentListProps) {
  const { data, problem, isLoading } = resource;
  const [isRead, setIsRead] = useState(false);
  const incidents = useSteadyOrder(data?.incidents ?? [], isRead, `${JSON.stringify(filters)}${sort}${cursor}`);
  return (
    <>
      <ProblemNotice problem={problem} what="Incidents could not be read" />
      {!data && !problem && <Loading what="incidents" />}
      {data && incidents.length + justClosed.length === 0 && (
        <Empty>{Object.keys(filters).length > 0 ? 'No matching incidents.' : 'No open incidents.'}</Empty>
      )}
      {incidents.length + justClosed.length > 0 && (
        <table class="rows incidents" aria-busy={isLoading && !data}>
          <caption class="unseen">Incidents</caption>
          <thead>
            <tr>
              <th scope="col">Incident</th>
              <th scope="col" class="owner">
                Owner
              </th>
              <th scope="col" class="trunk">
                Trunk
              </th>
              <th scope="col" class="trend">
                {spanWords(filters) || 'Time'}
              </th>
              <SortedColumn by="impact" filters={filters} sort={sort} />
              <th scope="col" class="figure" title="Of all calls in this time">
                Share
              </th>
              <SortedColumn by="newest" filters={filters} sort={sort} />
              <SortedColumn by="last" filters={filters} sort={sort} />
            </tr>
          </thead>
          <tbody
            onPointerEnter={() => setIsRead(true)}
            onPointerLeave={() => setIsRead(false)}
            onFocusIn={() => setIsRead(true)}
            onFocusOut={() => setIsRead(false)}
          >
            {[...incidents, ...justClosed].map((incident) => (
              <IncidentRow key={incident.id} incident={incident} />
            ))}
          </tbody>
        </table>
      )}
      {data && (cursor !== null || data.next_cursor) && (
        <nav class="pager" aria-label="Pages of incidents">
          {cursor !== null && <a href={listed(filters, 'incidents', sort)}>← First</a>}
          {data.next_cursor && <a href={address({ ...filters, sort, cursor: data.next_cursor })}>More incidents →</a>}
        </nav>
      )}
    </>
  );
}

interface IncidentListProps {
  readonly resource: Resource<IncidentsPage>;
  readonly justClosed: readonly Incident[];
  readonly filters: Filters;
  readonly sort: Sort;
  readonly cursor: string | null;
}

function SortedColumn({ by, filters, sort }: { by: Sort; filters: Filters; sort: Sort }) {
  const isSorted = by === sort;
  return (
    <th scope="col" class="figure" aria-sort={isSorted ? 'descending' : 'none'}>
      <a href={listed(filters, 'incidents', by)}>
        {SORTS[by]} <span aria-hidden="true">{isSorted ? '↓' : ''}</span>
      </a>
    </th>
  );
}

/**
 * The rows in their order. While someone points at them or has the focus in them they keep their places, so that no
 * row slips away under a click; new ones come last.
 */
function useSteadyOrder(incidents: readonly Incident[], isRead: boolean, list: string): readonly Incident[] {
  const shown = useRef<{ readonly list: string; readonly ids: readonly string[] }>({ list, ids: [] });
  const keeps = isRead && shown.current.list === list;
  const placeOf = new Map(keeps ? shown.current.ids.map((id, i) => [id, i]) : []);
  const ordered = keeps
    ? incidents.toSorted((a, b) => (placeOf.get(a.id) ?? incidents.length) - (placeOf.get(b.id) ?? incidents.length))
    : incidents;
  useEffect(() => {
    shown.current = { list, ids: ordered.map(({ id }) => id) };
  });
  return ordered;
}
