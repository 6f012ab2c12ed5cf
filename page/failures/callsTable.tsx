import type { ListedCall } from '../api/types.ts';
import { titleOf } from '../parts/causes.tsx';
import { IdChip, PartyChip } from '../parts/chips.tsx';
import { address } from '../route.ts';
import { ago, clock } from '../text/time.ts';
import { dialled, OUTCOMES, sentence } from '../text/words.ts';

/** Calls, newest first, each with its cause in words, which links to the call's page. */
export function CallsTable({
  calls,
  isBusy,
  caption,
}: {
  calls: readonly ListedCall[];
  isBusy: boolean;
  caption: string;
}) {
  return (
    <table class="calls" aria-busy={isBusy}>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Why</th>
          <th scope="col">Owner</th>
          <th scope="col">From and to</th>
          <th scope="col">Response</th>
          <th scope="col">Trunk</th>
        </tr>
      </thead>
      <tbody>
        {calls.map((call) => (
          <CallRow key={`${call.call_sid} ${call.settled_at}`} call={call} />
        ))}
      </tbody>
    </table>
  );
}

function CallRow({ call }: { call: ListedCall }) {
  const { call_sid, cause, party, outcome, blocking, from, to, response, trunk, started_at, settled_at } = call;
  const at = started_at ?? settled_at;
  const others = blocking.length - 1;
  return (
    <tr class={`outcome-${outcome}`}>
      <td class="when">
        <time dateTime={at} title={at}>
          {clock(at)} <span class="quiet">{ago(at)}</span>
        </time>
      </td>
      <td class="why">
        <a href={address({ call: call_sid })}>{outcome === 'connected' ? 'Connected' : sentence(titleOf(cause))}</a>
        <span class="under">
          {cause ? <IdChip id={cause} /> : <span class="chip">{OUTCOMES[outcome] ?? outcome}</span>}
          {others > 0 && (
            <span class="quiet">
              and {others} more {others === 1 ? 'cause' : 'causes'}
            </span>
          )}
        </span>
      </td>
      <td class="who">{party && <PartyChip party={party} />}</td>
      <td class="numbers">
        <span class="number-text">{from ?? 'unknown'}</span>
        <span class="to">
          <span class="quiet" aria-hidden="true">
            →{' '}
          </span>
          <span class="unseen">to </span>
          <span class="number-text" title={to ?? undefined}>
            {dialled(to).user}
          </span>
        </span>
      </td>
      <td class="response">
        {response ? (
          <>
            {response.status} <span class="quiet">{response.reason}</span>
          </>
        ) : (
          <span class="quiet">none</span>
        )}
      </td>
      <td class="trunk">
        <a href={address({ trunk })} title="Show only failed calls on this trunk">
          <code>{trunk}</code>
        </a>
      </td>
    </tr>
  );
}
