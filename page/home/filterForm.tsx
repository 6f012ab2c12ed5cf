import { useEffect, useRef, useState } from 'preact/hooks';
import { causes } from '../parts/causes.tsx';
import { trunkNames } from '../parts/trunkNames.tsx';
import { adjust, query } from '../route.ts';
import { OUTCOMES, PARTIES } from '../text/words.ts';
import { type FilterName, type Filters, filtersIn, isBetween, listed, type Sort, SPANS, type Tab } from './filters.ts';

/** Filters of incidents and calls. Each change goes into the address at once. On a phone a button opens them. */
export function FilterForm({ filters, tab, sort }: { filters: Filters; tab: Tab; sort: Sort }) {
  // The address may have changed since a field was typed in.
  const set = (changed: Filters) => adjust(listed({ ...filtersIn(query.peek()), ...changed }, tab, sort));
  const between = isBetween(filters);
  const [asksBetween, setAsksBetween] = useState(between);
  const [isOpen, setIsOpen] = useState(false);
  const count = Object.keys(filters).length;
  return (
    <>
      <button type="button" class="narrow" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        {count > 0 ? `Filters: ${count}` : 'Filters'}
      </button>
      <form
        class={`fields-line ${isOpen ? 'opened' : ''}`}
        aria-label="Filters"
        onSubmit={(event) => event.preventDefault()}
      >
        {tab === 'incidents' ? (
          <Choice name="state" label="State" usual="open" filters={filters} set={set}>
            {[
              ['open', 'Open'],
              ['closed', 'Closed'],
              ['all', 'Open and closed'],
            ]}
          </Choice>
        ) : (
          <Choice name="outcome" label="Outcome" usual="failed" filters={filters} set={set}>
            {[...Object.entries(OUTCOMES), ['all', 'All outcomes']]}
          </Choice>
        )}
        <Choice name="party" label="Owner" filters={filters} set={set}>
          {[['', 'Any owner'], ...Object.entries(PARTIES).map(([party, { short }]): Option => [party, short])]}
        </Choice>
        <Choice name="cause" label="Cause" filters={filters} set={set}>
          {[['', 'Any cause'], ...[...causes.value.keys()].toSorted().map((id): Option => [id, id])]}
        </Choice>
        <Typed name="trunk" label="Trunk" filters={filters} set={set} />
        <Typed name="status" label="Status" filters={filters} set={set} />
        <Typed name="number" label="Number" filters={filters} set={set} />
        <select
          aria-label="Time"
          class={filters.last !== undefined || between ? 'chosen' : ''}
          value={asksBetween ? 'between' : (filters.last ?? '24h')}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setAsksBetween(value === 'between');
            if (value !== 'between') set({ last: value === '24h' ? '' : value, since: '', until: '' });
          }}
        >
          {Object.entries(SPANS).map(([span, { words }]) => (
            <option key={span} value={span}>
              Last {words}
            </option>
          ))}
          <option value="all">Any time</option>
          <option value="between">Between …</option>
        </select>
        {asksBetween && (
          <>
            <Moment name="since" label="From" filters={filters} set={set} />
            <Moment name="until" label="To" filters={filters} set={set} />
          </>
        )}
        {count > 0 && (
          <button
            type="button"
            class="plain"
            onClick={() => {
              setAsksBetween(false);
              adjust(listed({}, tab, sort));
            }}
          >
            Clear filters
          </button>
        )}
      </form>
    </>
  );
}

interface Field {
  readonly name: FilterName;
  readonly label: string;
  readonly filters: Filters;
  set(changed: Filters): void;
}

type Option = readonly [value: string, words: string];

function Choice({ name, label, usual = '', filters, set, children }: Field & { usual?: string; children: Option[] }) {
  const chosen = filters[name] ?? usual;
  // An address may name a value that isn't in the list, or several at once; it is shown as is.
  const isListed = children.some(([value]) => value === chosen);
  return (
    <select
      aria-label={label}
      class={filters[name] === undefined ? '' : 'chosen'}
      value={chosen}
      onChange={({ currentTarget: { value } }) => set({ [name]: value === usual ? '' : value })}
    >
      {!isListed && <option value={chosen}>{chosen}</option>}
      {children.map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  );
}

/** How long, in milliseconds, typing must pause before the filter applies. */
const TYPED_MS = 400;

function Typed({ name, label, filters, set }: Field) {
  const value = filters[name] ?? '';
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [text, setText] = useState(value);
  useEffect(() => {
    setText(value);
  }, [value]);
  return (
    <>
      <input
        type="text"
        class={`typed-${name} ${value === '' ? '' : 'chosen'}`}
        aria-label={label}
        inputMode={name === 'trunk' ? 'text' : 'numeric'}
        autocomplete="off"
        spellcheck={false}
        placeholder={label}
        list={name === 'trunk' ? 'trunks' : undefined}
        value={text}
        onInput={(event) => {
          const typed = event.currentTarget.value;
          setText(typed);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => set({ [name]: typed.trim() }), TYPED_MS);
        }}
      />
      {name === 'trunk' && (
        <datalist id="trunks">
          {[...trunkNames.value].map(([id, trunkName]) => (
            <option key={id} value={id}>
              {trunkName}
            </option>
          ))}
        </datalist>
      )}
    </>
  );
}

function Moment({ name, label, filters, set }: Field) {
  return (
    <input
      type="datetime-local"
      aria-label={label}
      value={filters[name] ?? ''}
      onChange={(event) => set({ last: '', [name]: event.currentTarget.value })}
    />
  );
}
