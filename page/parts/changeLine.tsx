import type { DescribedVersion, OneIncident } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { address } from '../route.ts';
import { clock } from '../text/time.ts';

/** The change before failed calls, and the way back: to what the version before had. */
export function ChangeLine({ change }: { change: Pick<NonNullable<OneIncident['change']>, 'at' | 'changes'> }) {
  const history = useResource<{ versions: readonly DescribedVersion[] }>('trunks/history?limit=50').data?.versions;
  const place = history?.findIndex(({ at }) => at === change.at) ?? -1;
  const [to, from] = place < 0 ? [] : [history?.[place]?.version, history?.[place + 1]?.version];
  return (
    <div class="change-line">
      <div>
        <h3>Changed before, {clock(change.at)}</h3>
        {change.changes.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </div>
      <p>
        {to === undefined || from === undefined ? (
          <a href={address({ view: 'history' })}>History</a>
        ) : (
          <a href={address({ view: 'history', from: to, to: from })}>
            Way back: version {to} → {from}
          </a>
        )}
      </p>
    </div>
  );
}
