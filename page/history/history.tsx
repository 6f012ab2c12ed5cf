import type { DescribedDifference, DescribedVersion } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { Heading } from '../parts/heading.tsx';
import { Loading, ProblemNotice } from '../parts/notices.tsx';
import { Time } from '../parts/time.tsx';
import { address, go, query } from '../route.ts';
import { counted } from '../text/words.ts';

/** The changes of LiveKit's configuration, or the difference between two versions. */
export function History() {
  const [from, to] = [query.value.get('from'), query.value.get('to')];
  return from !== null && to !== null ? <Difference from={from} to={to} /> : <Versions />;
}

type Change = DescribedVersion['changes'][number];

function Changes({ changes }: { changes: readonly Change[] }) {
  return (
    <ul class="changes">
      {changes.map(({ text, change }) => (
        <li key={text} class={`change-${change}`}>
          {text}
        </li>
      ))}
    </ul>
  );
}

function Versions() {
  const { data, problem } = useResource<{ versions: readonly DescribedVersion[] }>('trunks/history?limit=50');
  const versions = data?.versions ?? [];
  return (
    <>
      <Heading title="Configuration history" />
      <p class="lead">
        Every version of LiveKit’s trunks and dispatch rules that sipwhy has read. Each call is judged by the version in
        force at its time.
      </p>
      <ProblemNotice problem={problem} what="The history could not be read" />
      {!data && !problem && <Loading what="the history" />}
      {data && versions.length === 0 && <p class="none">sipwhy has not read LiveKit’s configuration yet.</p>}
      {versions.length > 1 && <CompareForm versions={versions} />}
      <ol class="versions">
        {versions.map((version, i) => (
          <li key={version.version} class="card">
            <h2>Version {version.version}</h2>
            <p class="quiet">
              First read <Time at={version.at} />, last read <Time at={version.last_seen_at} />
            </p>
            {version.changes_total === 0 ? (
              <p>First version: nothing to compare with.</p>
            ) : (
              <Changes changes={version.changes.slice(0, 20)} />
            )}
            {version.changes_total > 20 && <p class="quiet">And {version.changes_total - 20} more changes.</p>}
            {versions[i + 1] && (
              <p>
                <a href={address({ view: 'history', from: versions[i + 1]?.version, to: version.version })}>
                  Difference from version {versions[i + 1]?.version}
                </a>
              </p>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}

function CompareForm({ versions }: { versions: readonly DescribedVersion[] }) {
  return (
    <form
      class="filters"
      aria-label="Compare two versions"
      onSubmit={(event) => {
        event.preventDefault();
        const chosen = new FormData(event.currentTarget);
        go(address({ view: 'history', from: String(chosen.get('from')), to: String(chosen.get('to')) }));
      }}
    >
      {(['from', 'to'] as const).map((end) => (
        <label key={end}>
          {end === 'from' ? 'From version' : 'To version'}
          <select name={end}>
            {versions.map(({ version }) => (
              <option
                key={version}
                value={version}
                selected={version === (end === 'from' ? versions.at(-1) : versions[0])?.version}
              >
                {version}
              </option>
            ))}
          </select>
        </label>
      ))}
      <button type="submit">Compare</button>
    </form>
  );
}

function Difference({ from, to }: { from: string; to: string }) {
  const path = `trunks/history/${encodeURIComponent(from)}/${encodeURIComponent(to)}`;
  const { data, problem } = useResource<DescribedDifference>(path);
  return (
    <>
      <p class="back">
        <a href={address({ view: 'history' })}>← Configuration history</a>
      </p>
      <Heading title={`From version ${from} to version ${to}`} />
      <ProblemNotice problem={problem} what="The difference could not be read" />
      {!data && !problem && <Loading what="the difference" />}
      {data && (
        <>
          <p class="quiet">
            First read <Time at={data.from.at} /> and <Time at={data.to.at} />
          </p>
          <h2>{data.changes_total === 0 ? 'No difference' : counted(data.changes_total, 'change')}</h2>
          <Changes changes={data.changes.slice(0, 300)} />
          {data.changes_total > 300 && <p class="quiet">And {data.changes_total - 300} more changes.</p>}
        </>
      )}
    </>
  );
}
