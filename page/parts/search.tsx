import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../api/client.ts';
import type { CallsPage } from '../api/types.ts';
import { address, go } from '../route.ts';

/** A phone has no room for more. */
const HINT = matchMedia('(max-width: 40rem)').matches ? 'Search' : 'call_sid, Call-ID or number';

/** Finds calls by call_sid, SIP Call-ID or number: the only one opens, several are listed. */
export function Search({ field }: { field: RefObject<HTMLInputElement | null> }) {
  const [isSearching, setIsSearching] = useState(false);
  const find = async (q: string) => {
    setIsSearching(true);
    const found = await ask<CallsPage>(`calls?${new URLSearchParams({ q, limit: '50', fields: 'summary' })}`);
    setIsSearching(false);
    const sids = new Set(found.ok ? found.data.calls.map(({ call_sid }) => call_sid) : []);
    const [only] = sids;
    // An earlier call may match too.
    const isOnly = found.ok && sids.size === 1 && found.data.next_cursor === null;
    field.current?.blur();
    go(only && isOnly ? address({ call: only }) : address({ tab: 'calls', q, outcome: 'all', last: 'all' }));
  };
  return (
    <search>
      <form
        class="find"
        onSubmit={(event) => {
          event.preventDefault();
          const q = field.current?.value.trim();
          if (q) void find(q);
        }}
      >
        <input
          ref={field}
          type="search"
          aria-label="Find a call by call_sid, Call-ID or number"
          placeholder={HINT}
          autocomplete="off"
          spellcheck={false}
          aria-busy={isSearching}
          onKeyDown={(event) => {
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
      </form>
    </search>
  );
}
