import type { CallsPage } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { Loading, ProblemNotice } from '../parts/notices.tsx';
import { address } from '../route.ts';
import { now } from '../text/time.ts';
import { CallsTable } from './callsTable.tsx';
import { callsPath, type Filters, PAGE_SIZE } from './filters.ts';

/** A page of calls with the ways to the next. Only the newest page follows what comes in; an older one stays as it is. */
export function Calls({
  filters,
  cursor,
  incident = null,
}: {
  filters: Filters;
  cursor: string | null;
  incident?: string | null;
}) {
  // By the minute: otherwise a span of time would be another question each moment.
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
      {data && data.calls.length === 0 && <p class="none">No call fits.</p>}
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
