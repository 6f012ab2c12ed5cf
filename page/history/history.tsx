import type { AuditJson, DescribedVersion } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { namesIn } from '../audit/settings.tsx';
import { FoldRow, FoldRows } from '../parts/foldRows.tsx';
import { PageHead } from '../parts/heading.tsx';
import { Empty, Loading, ProblemNotice } from '../parts/notices.tsx';
import { Time } from '../parts/time.tsx';
import { address, go, query } from '../route.ts';
import { changedThings, inShort, type Names } from './changes.ts';
import { ChangeTable } from './changeTable.tsx';
import { Difference } from './difference.tsx';

/** The changes of LiveKit's configuration, or the difference between two versions. */
export function History() {
  const { data } = useResource<AuditJson>('trunks');
  const names: Names = data ? namesIn(data) : new Map();
  const [from, to] = [query.value.get('from'), query.value.get('to')];
  if (from !== null && to !== null) return <Difference from={from} to={to} names={names} />;
  return <Versions names={names} />;
}

function Versions({ names }: { names: Names }) {
  const { data, problem } = useResource<{ versions: readonly DescribedVersion[] }>('trunks/history?limit=50');
  const versions = data?.versions ?? [];
  return (
    <>
      <PageHead
        title="Configuration history"
        facts="Versions of LiveKit’s trunks and dispatch rules as read. The version of its time judges each call."
        actions={versions.length > 1 && <CompareForm versions={versions} />}
      />
      <ProblemNotice problem={problem} what="The history could not be read" />
      {!data && !problem && <Loading what="the history" />}
      {data && versions.length === 0 && <Empty>sipwhy has not read LiveKit’s configuration yet.</Empty>}
      {versions.length > 0 && (
        <FoldRows kind="versions">
          {versions.map((version, i) => (
            <VersionRow key={version.version} version={version} before={versions[i + 1]} names={names} />
          ))}
        </FoldRows>
      )}
    </>
  );
}

interface VersionRowProps {
  readonly version: DescribedVersion;
  readonly before: DescribedVersion | undefined;
  readonly names: Names;
}

function VersionRow({ version, before, names }: VersionRowProps) {
  const { changes, changes_total } = version;
  const cells = (
    <>
      <span class="version">
        <span class="unseen">Version</span> {version.version}
      </span>
      <Time at={version.at} />
      <strong class="title">{changes_total === 0 ? 'First version' : inShort(changes, changes_total)}</strong>
      <span class="where">{changedThings(changes, names)}</span>
    </>
  );
  return (
    <FoldRow cells={cells}>
      <ChangeTable changes={changes} total={changes_total} names={names} />
      <p class="quiet">
        {before && (
          <>
            <a href={address({ view: 'history', from: before.version, to: version.version })}>
              Versions {before.version} → {version.version}
            </a>
            {' · '}
          </>
        )}
        last read <Time at={version.last_seen_at} />
      </p>
    </FoldRow>
  );
}

function CompareForm({ versions }: { versions: readonly DescribedVersion[] }) {
  return (
    <form
      class="actions"
      aria-label="Compare two versions"
      onSubmit={(event) => {
        event.preventDefault();
        const chosen = new FormData(event.currentTarget);
        go(address({ view: 'history', from: String(chosen.get('from')), to: String(chosen.get('to')) }));
      }}
    >
      {(['from', 'to'] as const).map((end) => (
        <select key={end} name={end} aria-label={end === 'from' ? 'From version' : 'To version'}>
          {versions.map(({ version }) => (
            <option
              key={version}
              value={version}
              selected={version === (end === 'from' ? versions.at(-1) : versions[0])?.version}
            >
              {end} {version}
            </option>
          ))}
        </select>
      ))}
      <button type="submit">Compare</button>
    </form>
  );
}
