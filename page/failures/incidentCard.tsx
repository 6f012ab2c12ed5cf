import type { Incident } from '../api/types.ts';
import { IdChip, PartyChip } from '../parts/chips.tsx';
import { Fixes } from '../parts/fixes.tsx';
import { Time } from '../parts/time.tsx';
import { address } from '../route.ts';
import { counted, PARTIES, sentence } from '../text/words.ts';

/** An incident on one look: the cause, who must act, how many and since when, what changed before, the fix, whether it helped. */
export function IncidentCard({ incident, isWhole = false }: { incident: Incident; isWhole?: boolean }) {
  const { id, cause, title, party, state, trunk, trunk_name, change, fix, after_fix, examples } = incident;
  const example = incident.last_call?.call_sid ?? examples[0];
  return (
    <article class={`incident incident-${state}`} aria-labelledby={`incident-${id}`}>
      <p class="act">{PARTIES[party]?.act ?? PARTIES.unknown.act}</p>
      <h3 id={`incident-${id}`}>
        {isWhole ? sentence(title) : <a href={address({ view: 'incidents', incident: id })}>{sentence(title)}</a>}
      </h3>
      <p class="chips">
        {state === 'closed' && <span class="chip">closed</span>} <PartyChip party={party} /> <IdChip id={cause} />{' '}
        {trunk !== 'none' && (
          <span class="chip" title={trunk}>
            {trunk_name ? `${trunk_name} · ` : ''}
            {trunk}
          </span>
        )}
      </p>
      <Counts incident={incident} />
      {change && (
        <p class="change">
          <strong>Changed before:</strong> {change.text}
        </p>
      )}
      {after_fix && after_fix.state !== 'none' && (
        <p class={`after-fix after-${after_fix.state}`}>
          <strong>After the fix:</strong> {after_fix.text} {after_fix.at && <Time at={after_fix.at} />}
        </p>
      )}
      {fix && <Fixes fixes={[fix]} />}
      {example && (
        <p class="to-call">
          <a href={address({ call: example })}>Why, with the evidence of one call →</a>
        </p>
      )}
    </article>
  );
}

function Counts({ incident }: { incident: Incident }) {
  const { calls, callers, opened_at, closed_at, closed_because, first_call, last_call, worsened_at } = incident;
  return (
    <p class="counts">
      <span>
        <strong>{counted(calls, 'failed call')}</strong>
        {callers !== null && ` of ${counted(callers, 'caller')}`}
      </span>
      <span>
        since <Time at={first_call?.at ?? opened_at} />
      </span>
      {last_call && (
        <span>
          last <Time at={last_call.at} />
        </span>
      )}
      {worsened_at && (
        <span class="bad">
          worse since <Time at={worsened_at} />
        </span>
      )}
      {closed_at && (
        <span>
          closed <Time at={closed_at} />
          {closed_because && `: ${closed_because}`}
        </span>
      )}
    </p>
  );
}
