import type { ComponentChildren } from 'preact';

export interface Column<T> {
  readonly name: string;
  /** What is shown of one row. */
  readonly of: (item: T) => ComponentChildren;
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/** The filter finds the rest; a table of ten thousand rows helps nobody. */
const SHOWN = 200;

/** Trunks or rules as a compact table; each a card on a phone. */
export function SettingsTable<T>({ what, items, naming, columns }: SettingsTableProps<T>) {
  const left = items.length - SHOWN;
  return (
    <>
      <table class="rows settings">
        <thead>
          <tr>
            <th scope="col">{what}</th>
            {columns.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {items.slice(0, SHOWN).map((item) => {
            const { id, name } = naming(item);
            return (
              <tr key={id}>
                <th scope="row">
                  {name || id}
                  {name && <code class="quiet">{id}</code>}
                </th>
                {columns.map((column) => (
                  <td key={column.name} data-label={column.name}>
                    {column.of(item)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {left > 0 && <p class="quiet">{left.toLocaleString('en-GB')} more: use the filter.</p>}
    </>
  );
}

interface SettingsTableProps<T> {
  readonly what: string;
  readonly items: readonly T[];
  readonly naming: (item: T) => Named;
  readonly columns: readonly Column<T>[];
}
