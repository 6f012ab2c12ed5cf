import type { AuditJson } from '../api/types.ts';
import { FoldRow, FoldRows } from '../parts/foldRows.tsx';
import { counted, sentence } from '../text/words.ts';
import { FindingDetail, Meaning } from './findingDetail.tsx';

export type Finding = AuditJson['findings'][number];

/** More places of one finding share a row. */
const ROWS_OF_ONE = 3;
const NAMES_SHOWN = 6;
const DOTS = { critical: 'dot-open', warning: 'dot-acknowledged', info: '' };

interface FindingsProps {
  readonly findings: readonly Finding[];
  readonly audit: AuditJson;
  readonly names: ReadonlyMap<string, string>;
}

/** The findings, most severe first, each a row that opens to its fix. */
export function Findings({ findings, audit, names }: FindingsProps) {
  const kinds = [...Map.groupBy(findings, ({ id }) => id).values()];
  return (
    <FoldRows kind="findings">
      {kinds.map((places) =>
        places.length > ROWS_OF_ONE ? (
          <GroupRow key={places[0]?.id} places={places} audit={audit} names={names} />
        ) : (
          places.map((finding) => <PlaceRow key={finding.what} finding={finding} audit={audit} names={names} />)
        ),
      )}
    </FoldRows>
  );
}

function PlaceRow({ finding, audit, names }: { finding: Finding } & Pick<FindingsProps, 'audit' | 'names'>) {
  const cells = (
    <>
      <Title finding={finding} />
      <span class="where">{placeOf(finding, names, 2)}</span>
      <span class="evidence-line">{inNames(finding, names)}</span>
    </>
  );
  return (
    <FoldRow cells={cells}>
      <FindingDetail finding={finding} audit={audit} isIntroduced />
    </FoldRow>
  );
}

/** One finding in many places: what it means once, then a row for each place. */
function GroupRow({ places, audit, names }: { places: readonly Finding[] } & Pick<FindingsProps, 'audit' | 'names'>) {
  const [first] = places;
  if (!first) return null;
  const trunks = [...new Set(places.flatMap((place) => place.trunks.slice(0, 1)))];
  const count = places.reduce((sum, place) => sum + place.count, 0);
  const what = places.every((place) => place.trunks.length === 1) && trunks.length === count ? 'trunk' : 'place';
  const cells = (
    <>
      <Title finding={first} />
      <span class="where">{counted(count, what)}</span>
      <span class="evidence-line">{placeOf({ trunks, dispatch_rules: [] }, names, NAMES_SHOWN)}</span>
    </>
  );
  return (
    <FoldRow cells={cells}>
      <Meaning finding={first} />
      <FoldRows kind="places">
        {places.map((place) => (
          <FoldRow
            key={place.what}
            cells={
              <>
                <span class="where">{placeOf(place, names, 2)}</span>
                <span class="evidence-line">{inNames(place, names)}</span>
              </>
            }
          >
            <FindingDetail finding={place} audit={audit} />
          </FoldRow>
        ))}
      </FoldRows>
    </FoldRow>
  );
}

function Title({ finding: { severity, title } }: { finding: Finding }) {
  return (
    <>
      <span class={`dot ${DOTS[severity]}`} title={severity} />
      <strong class="title">
        <span class="unseen">{severity}:</span> {sentence(title)}
      </strong>
    </>
  );
}

/** What is found, without the ids of what has a name: they stand beside the settings. */
function inNames({ what, trunks, dispatch_rules }: Finding, names: ReadonlyMap<string, string>): string {
  const ids = [...trunks, ...dispatch_rules];
  return ids.reduce((text, id) => text.replaceAll(`${id} "${names.get(id)}"`, names.get(id) ?? id), what);
}

/** The trunks and rules of a finding by name. */
function placeOf(
  { trunks, dispatch_rules }: Pick<Finding, 'trunks' | 'dispatch_rules'>,
  names: ReadonlyMap<string, string>,
  most: number,
): string {
  const all = [...trunks, ...dispatch_rules].map((id) => names.get(id) ?? id);
  const more = all.length - most;
  return all.slice(0, most).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
