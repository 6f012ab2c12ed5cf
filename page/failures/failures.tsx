import type { CallsPage } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { Heading } from '../parts/heading.tsx';
import { query } from '../route.ts';
import { Setup } from '../setup/setup.tsx';
import { Calls } from './calls.tsx';
import { FilterForm } from './filterForm.tsx';
import { filtersIn } from './filters.ts';
import { OpenIncidents } from './incidents.tsx';

/** What fails now and why; before the first call, how to connect Jambonz and LiveKit. */
export function Failures() {
  const filters = filtersIn(query.value);
  const cursor = query.value.get('cursor');
  const any = useResource<CallsPage>('calls?limit=1&fields=summary', true);
  const isEmpty = any.data?.calls.length === 0;
  if (isEmpty && Object.keys(filters).length === 0) return <Setup isFirst />;
  return (
    <>
      <Heading title="Why calls fail" />
      <OpenIncidents />
      <section aria-labelledby="calls">
        <h2 id="calls">Calls</h2>
        <FilterForm filters={filters} />
        <Calls filters={filters} cursor={cursor} />
      </section>
    </>
  );
}
