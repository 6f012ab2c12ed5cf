import type { CallsPage } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { Loading, ProblemNotice } from '../parts/notices.tsx';
import { address } from '../route.ts';
import { now } from '../text/time.ts';
import { CallsTable } from './callsTable.tsx';
import { callsPath, type Filters, PAGE_SIZE } from './filters.ts';

/** A page of calls with links to the other pages. Only the newest page updates itself. */
export function Calls({
  filters,
  cursor,
  incident = null,
}: {
  filters: Filters;
  cursor: string | null;
  incident?: string | null;
}) {
  // Rounded to the minute, so that a relative span doesn't make a new request at every moment.
  const minute = Math.floor(now.value / 60_000) * 60_000;
  const { data, problem, isLoading } = useResource<CallsPage>(
    callsPath(filters, cursor, incident, minute),
    cursor === null,
  );
  const here = incident === null ? filters : { view: 'incidents', incident };
  return (
    <>
      <ProblemNotice problem={problem} what="Calls could not be read" />
      {!data && !problem && <Loading what="calls" />}
      {data && data.calls.length === 0 && <p class="none">No matching calls.</p>}
      {data && data.calls.length > 0 && (
        <CallsTable calls={data.calls.slice(0, PAGE_SIZE)} isBusy={isLoading} caption="Calls, newest first" />
      )}
      {data && (cursor !== null || data.next_cursor) && (
        <nav class="pager" aria-label="Pages of calls">
          {cursor !== null && <a href={address(here)}>← Newest</a>}
          {data.next_cursor && <a href={address({ ...here, cursor: data.next_cursor })}>Older calls →</a>}
        </nav>
      )}
    </>
  );
}
