import { useRef, useState } from 'preact/hooks';
import type { CallsPage, ListedCall, OneIncident } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { Time } from '../parts/time.tsx';
import { address, query } from '../route.ts';
import { myName } from '../text/myName.ts';
import { clock } from '../text/time.ts';
import { counted, dialled } from '../text/words.ts';
import { canAct, Refused } from './incidentActions.tsx';
import { NameField } from './nameField.tsx';
import { type Acted, useDeed } from './useDeed.ts';
import { useFormFocus } from './useFormFocus.ts';

const CALLS_SHOWN = 6;

/** The newest calls of an incident, each with its page, and older ones page by page. A test call can be put away. */
export function NewestCalls({ acted }: { acted: Acted }) {
  const { id } = acted.incident;
  const cursor = query.value.get('cursor');
  const [asked, setAsked] = useState<string>();
  const path = new URLSearchParams({
    incident: id,
    limit: String(CALLS_SHOWN),
    fields: 'summary',
    outcome: 'failed,dropped',
  });
  if (cursor !== null) path.set('cursor', cursor);
  const { data } = useResource<CallsPage>(`calls?${path}`, cursor === null);
  const calls = data?.calls ?? [];
  const here = { view: 'incidents', incident: id };
  return (
    <section class="card" aria-labelledby="newest">
      <h2 id="newest">{cursor === null ? 'Newest calls' : 'Earlier calls'}</h2>
      <ul class="call-rows">
        {calls.map((call) => (
          <li key={call.call_sid}>
            <CallRow call={call} ask={asked === call.call_sid ? undefined : setAsked} />
            {asked === call.call_sid && (
              <PutAwayForm acted={acted} callSid={call.call_sid} close={() => setAsked(undefined)} />
            )}
          </li>
        ))}
      </ul>
      {data && calls.length === 0 && !data.next_cursor && <p class="quiet">No call counts in it any more.</p>}
      {(cursor !== null || data?.next_cursor) && (
        <nav class="pager" aria-label="Pages of calls">
          {cursor !== null && <a href={address(here)}>← Newest</a>}
          {data?.next_cursor && <a href={address({ ...here, cursor: data.next_cursor })}>Older →</a>}
        </nav>
      )}
      <PutAwayCalls calls={acted.incident.put_away} />
    </section>
  );
}

function CallRow({ call, ask }: { call: ListedCall; ask: ((callSid: string) => void) | undefined }) {
  const { call_sid, from, to, response, settled_at } = call;
  const at = call.started_at ?? settled_at;
  return (
    <div class="call-row">
      <a href={address({ call: call_sid })}>{clock(at)}</a>
      <span class="ends">
        {from ?? 'unknown'} <span class="quiet">→ {dialled(to).user}</span>
      </span>
      <span class="quiet">{response?.status ?? 'no answer'}</span>
      {canAct() && (
        <button
          type="button"
          class="plain small"
          aria-expanded={!ask}
          aria-label={`Test call: put away ${clock(at)}, ${from ?? 'unknown'}`}
          title="Test call: put away"
          onClick={() => ask?.(call_sid)}
        >
          Put away
        </button>
      )}
    </div>
  );
}

function PutAwayForm({ acted, callSid, close }: { acted: Acted; callSid: string; close(): void }) {
  const { send, problem } = useDeed(acted);
  const frame = useRef<HTMLFormElement>(null);
  useFormFocus(frame);
  return (
    <form
      ref={frame}
      class="put-away"
      aria-label="Put a test call away"
      onSubmit={async (event) => {
        event.preventDefault();
        if (await send('put-away', { call_sid: callSid })) close();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <p>A test call? It no longer counts in this incident, for good.</p>
      <div class="fields-line">
        <NameField isFirst={myName.value === ''} />
        <button type="submit" class="primary" data-first={myName.value === '' ? undefined : true}>
          Put away
        </button>
        <button type="button" class="plain" onClick={close}>
          Cancel
        </button>
      </div>
      <Refused problem={problem} />
    </form>
  );
}

/** Calls that no longer count, and who said so. */
function PutAwayCalls({ calls }: { calls: OneIncident['put_away'] }) {
  if (calls.length === 0) return null;
  return (
    <details class="more">
      <summary>{counted(calls.length, 'test call')} put away</summary>
      <ul class="call-rows">
        {calls.map(({ call_sid, by, at }) => (
          <li key={call_sid}>
            <a href={address({ call: call_sid })}>
              <code>{call_sid}</code>
            </a>{' '}
            <span class="quiet">
              {by && `by ${by}, `}
              <Time at={at} />
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
