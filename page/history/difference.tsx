import type { DescribedDifference } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { PageHead } from '../parts/heading.tsx';
import { Loading, ProblemNotice } from '../parts/notices.tsx';
import { Time } from '../parts/time.tsx';
import { address } from '../route.ts';
import { counted } from '../text/words.ts';
import type { Names } from './changes.ts';
import { ChangeTable } from './changeTable.tsx';

/** What changed between two versions. An incident links here to take a change back. */
export function Difference({ from, to, names }: { from: string; to: string; names: Names }) {
  const path = `trunks/history/${encodeURIComponent(from)}/${encodeURIComponent(to)}`;
  const { data, problem } = useResource<DescribedDifference>(path);
  return (
    <>
      <p class="back">
        <a href={address({ view: 'history' })}>← Configuration history</a>
      </p>
      <PageHead
        title={`From version ${from} to version ${to}`}
        facts={
          data && (
            <>
              {data.changes_total === 0 ? 'No difference' : counted(data.changes_total, 'change')}
              {' · '}
              <Time at={data.from.at} /> → <Time at={data.to.at} />
            </>
          )
        }
        actions={
          <a href={address({ view: 'history', from: to, to: from })}>
            The way back: {to} → {from}
          </a>
        }
      />
      <ProblemNotice problem={problem} what="The difference could not be read" />
      {!data && !problem && <Loading what="the difference" />}
      {data && data.changes_total > 0 && (
        <div class="card">
          <ChangeTable changes={data.changes} total={data.changes_total} names={names} />
        </div>
      )}
    </>
  );
}
