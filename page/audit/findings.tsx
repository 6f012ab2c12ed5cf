import type { AuditJson } from '../api/types.ts';
import { IdChip } from '../parts/chips.tsx';
import { Fixes } from '../parts/fixes.tsx';
import { sentence } from '../text/words.ts';

type Finding = AuditJson['findings'][number];

const PLACES_SHOWN = 10;
const PAGES = 'https://github.com/sipwhy/sipwhy/blob/main/docs/findings';

/** The findings by kind, most severe first, each place with its fix. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  const kinds = [...Map.groupBy(findings, ({ id }) => id).values()];
  return (
    <>
      {kinds.map((places) => {
        const [first] = places;
        if (!first) return null;
        return (
          <article key={first.id} class={`card finding severity-${first.severity}`}>
            <h3>{sentence(first.title)}</h3>
            <p class="chips">
              <span class={`chip severity severity-${first.severity}`}>{first.severity}</span> <IdChip id={first.id} />
            </p>
            <p>{first.why}</p>
            <p>
              <strong>Fix:</strong> {first.fix}{' '}
              <a href={`${PAGES}/${first.id}.md`} rel="noreferrer">
                Runbook
              </a>
            </p>
            {places.slice(0, PLACES_SHOWN).map(({ what, fixes }) => (
              <div key={what} class="place">
                <p>{what}</p>
                <Fixes fixes={fixes} />
              </div>
            ))}
            {places.length > PLACES_SHOWN && <p class="quiet">And {places.length - PLACES_SHOWN} more of this kind.</p>}
          </article>
        );
      })}
    </>
  );
}
