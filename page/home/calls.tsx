import { useEffect, useState } from 'preact/hooks';
import type { CallsPage } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { Empty, Loading, ProblemNotice } from '../parts/notices.tsx';
import { Time } from '../parts/time.tsx';
import { address } from '../route.ts';
import { CallsTable } from './callsTable.tsx';
import { callsPath, type Filters, listed, PAGE_SIZE, spanWords } from './filters.ts';

/** A page of calls with links to the other pages; those of an incident if one is given. Only the newest updates itself. */
export function Calls({
  filters,
  cursor,
  incident = null,
}: {
  filters: Filters;
  cursor: string | null;
  incident?: string | null;
}) {
  const path = callsPath(filters, cursor, incident);
  const { data, problem, isLoading } = useResource<CallsPage>(path, cursor === null);
  const here = incident === null ? { ...filters, tab: 'calls' } : { view: 'incidents', incident };
  const span = incident === null ? spanWords(filters) : '';
  const isFurtherBack = data?.calls.length === 0 && data.next_cursor !== null;
  return (
    <>
      <ProblemNotice problem={problem} what="Calls could not be read" />
      {!data && !problem && <Loading what="calls" />}
      {data && isFurtherBack && <SearchFurther key={path} {...{ filters, incident, page: data }} />}
      {data?.calls.length === 0 && !isFurtherBack && (
        <Empty>
          No matching calls{span && ` in the last ${span}`}.{' '}
          {span && <a href={listed({ ...filters, last: 'all' }, 'calls', 'impact')}>Any time</a>}
        </Empty>
      )}
      {data && data.calls.length > 0 && (
        <CallsTable calls={data.calls.slice(0, PAGE_SIZE)} isBusy={isLoading} caption="Calls, newest first" />
      )}
      {data && !isFurtherBack && (cursor !== null || data.next_cursor) && (
        <nav class="pager" aria-label="Pages of calls">
          {cursor !== null && <a href={address(here)}>← Newest</a>}
          {data.next_cursor && <a href={address({ ...here, cursor: data.next_cursor })}>Older calls →</a>}
        </nav>
      )}
    </>
  );
}

/** Goes on with a search that found nothing yet: one request looks through a limited number of attempts. */
function SearchFurther({ filters, incident, page }: { filters: Filters; incident: string | null; page: CallsPage }) {
  const [cursor, setCursor] = useState(page.next_cursor);
  const { data, problem } = useResource<CallsPage>(callsPath(filters, cursor, incident));
  const isDone = data && (data.calls.length > 0 || data.next_cursor === null);
  useEffect(() => {
    if (data && !isDone) setCursor(data.next_cursor);
  }, [data, isDone]);
  if (isDone) return <Calls filters={filters} cursor={cursor} incident={incident} />;
  const { searched_back_to } = data ?? page;
  return (
    <>
      <ProblemNotice problem={problem} what="Calls could not be read" />
      <Empty>
        No matching calls since {searched_back_to && <Time at={searched_back_to} />}. Searching further back…
      </Empty>
    </>
  );
}
