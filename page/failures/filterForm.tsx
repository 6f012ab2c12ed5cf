import { useEffect, useRef, useState } from 'preact/hooks';
import { causes } from '../parts/causes.tsx';
import { adjust } from '../route.ts';
import { OUTCOMES, PARTIES } from '../text/words.ts';
import { type FilterName, type Filters, filtered, SPANS } from './filters.ts';

/** Filters of the calls. Each change goes into the address at once. */
export function FilterForm({ filters }: { filters: Filters }) {
  const set = (changed: Filters) => adjust(filtered({ ...filters, ...changed }));
  const between = filters.last === undefined && (filters.since !== undefined || filters.until !== undefined);
  const [asksBetween, setAsksBetween] = useState(between);
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <Choice name="cause" label="Cause" filters={filters} set={set}>
        {[...causes.value.keys()].toSorted().map((id) => [id, id])}
      </Choice>
      <Choice name="party" label="Owner" filters={filters} set={set}>
        {Object.entries(PARTIES).map(([party, { short }]) => [party, short])}
      </Choice>
      <label>
        Outcome
        <select
          value={filters.outcome ?? 'failed'}
          onChange={(event) => set({ outcome: otherThan('failed', event.currentTarget.value) })}
        >
          {Object.entries(OUTCOMES).map(([outcome, words]) => (
            <option key={outcome} value={outcome}>
              {words}
            </option>
          ))}
          <option value="all">All</option>
        </select>
      </label>
      <Typed name="number" label="Number" hint="caller or called" filters={filters} set={set} />
      <Typed name="trunk" label="Trunk" hint="ST_…, none" filters={filters} set={set} />
      <Typed name="status" label="Status" hint="503, 408" filters={filters} set={set} />
      <label>
        Time
        <select
          value={asksBetween ? 'between' : (filters.last ?? '')}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setAsksBetween(value === 'between');
            if (value !== 'between') set({ last: value, since: '', until: '' });
          }}
        >
          <option value="">any</option>
          {Object.entries(SPANS).map(([span, { words }]) => (
            <option key={span} value={span}>
              {words}
            </option>
          ))}
          <option value="between">between …</option>
        </select>
      </label>
      {asksBetween && (
        <>
          <Moment name="since" label="From" filters={filters} set={set} />
          <Moment name="until" label="To" filters={filters} set={set} />
        </>
      )}
      {isFiltered && (
        <button
          type="button"
          class="plain"
          onClick={() => {
            setAsksBetween(false);
            adjust(filtered({}));
          }}
        >
          Clear filters
        </button>
      )}
    </form>
  );
}

interface Field {
  readonly name: FilterName;
  readonly label: string;
  readonly filters: Filters;
  set(changed: Filters): void;
}

function Choice({ name, label, filters, set, children }: Field & { children: (readonly [string, string])[] }) {
  const chosen = filters[name] ?? '';
  // An address may name a value that isn't in the list, or several at once; it is shown as is.
  const isListed = chosen === '' || children.some(([value]) => value === chosen);
  return (
    <label>
      {label}
      <select value={chosen} onChange={(event) => set({ [name]: event.currentTarget.value })}>
        <option value="">any</option>
        {!isListed && <option value={chosen}>{chosen}</option>}
        {children.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

/** How long, in milliseconds, typing must pause before the filter applies. */
const TYPED_MS = 400;

function Typed({ name, label, hint, filters, set }: Field & { hint: string }) {
  const value = filters[name] ?? '';
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [text, setText] = useState(value);
  useEffect(() => {
    setText(value);
  }, [value]);
  return (
    <label>
      {label}
      <input
        type="text"
        inputMode={name === 'trunk' ? 'text' : 'numeric'}
        autocomplete="off"
        spellcheck={false}
        placeholder={hint}
        value={text}
        onInput={(event) => {
          const typed = event.currentTarget.value;
          setText(typed);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => set({ [name]: typed.trim() }), TYPED_MS);
        }}
      />
    </label>
  );
}

function Moment({ name, label, filters, set }: Field) {
  return (
    <label>
      {label}
      <input
        type="datetime-local"
        value={filters[name] ?? ''}
        onChange={(event) => set({ last: '', [name]: event.currentTarget.value })}
      />
    </label>
  );
}

function otherThan(usual: string, value: string): string {
  return value === usual ? '' : value;
}
