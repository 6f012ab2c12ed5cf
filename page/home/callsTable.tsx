import type { ListedCall } from '../api/types.ts';
import { titleOf } from '../parts/causes.tsx';
import { Trunk } from '../parts/trunkNames.tsx';
import { address } from '../route.ts';
import { age, clock } from '../text/time.ts';
import { dialled, isNobodys, OUTCOMES, sentence } from '../text/words.ts';

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
    <table class="rows calls" aria-busy={isBusy}>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Call</th>
          <th scope="col" class="party-number">
            From
          </th>
          <th scope="col" class="party-number">
            To
          </th>
          <th scope="col" class="response">
            Response
          </th>
          <th scope="col" class="trunk">
            Trunk
          </th>
          <th scope="col" class="when">
            When
          </th>
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

const DOTS: Readonly<Record<string, string>> = { failed: 'open', dropped: 'open', connected: 'closed' };

function CallRow({ call }: { call: ListedCall }) {
  const { call_sid, cause, party, outcome, blocking, from, to, response, trunk, started_at, settled_at } = call;
  const at = started_at ?? settled_at;
  const others = blocking.length - 1;
  const called = dialled(to).user;
  return (
    <tr>
      <td class="what">
        <span class={`dot dot-${DOTS[outcome] ?? outcome}`} title={OUTCOMES[outcome] ?? outcome} />
        <span class="cell">
          <a class="row-link" href={address({ call: call_sid })}>
            {outcome === 'connected' && isNobodys(party) ? 'Connected' : sentence(titleOf(cause))}
          </a>
          {others > 0 && <span class="note"> and {others === 1 ? '1 more cause' : `${others} more causes`}</span>}
          <span class="second-line">
            {from ?? 'unknown'} → {called}
            {response && ` · ${response.status}`}
          </span>
        </span>
      </td>
      <td class="wide caller">{from ?? 'unknown'}</td>
      <td class="wide called" title={to ?? undefined}>
        {called}
      </td>
      <td class="wide response">{response ? `${response.status} ${response.reason}` : 'none'}</td>
      <td class="wide">
        <Trunk id={trunk} />
      </td>
      <td class="figure quiet when">
        <time dateTime={at} title={at}>
          <span class="wide-only">{clock(at)} · </span>
          {age(at)}
        </time>
      </td>
    </tr>
  );
}
