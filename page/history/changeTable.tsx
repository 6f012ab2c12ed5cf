import type { Change, Names } from './changes.ts';

const SHOWN = 300;

/** Changes, each with the trunk or rule that it is of. */
export function ChangeTable({ changes, total, names }: ChangeTableProps) {
  if (total === 0) return null;
  const left = total - Math.min(changes.length, SHOWN);
  return (
    <>
      <ul class="changes">
        {changes.slice(0, SHOWN).map(({ id, text }) => (
          <li key={text}>
            {text}
            {names.has(id) && names.get(id) !== id && <span class="quiet"> ({names.get(id)})</span>}
          </li>
        ))}
      </ul>
      {left > 0 && <p class="quiet">{left.toLocaleString('en-GB')} more changes</p>}
    </>
  );
}

interface ChangeTableProps {
  readonly changes: readonly Change[];
  /** Of all, also those that are not listed. */
  readonly total: number;
  readonly names: Names;
}
