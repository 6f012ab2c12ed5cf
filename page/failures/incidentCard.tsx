import type { Incident } from '../api/types.ts';
import { IdChip, PartyChip } from '../parts/chips.tsx';
import { Fixes } from '../parts/fixes.tsx';
import { Time } from '../parts/time.tsx';
import { address } from '../route.ts';
import { counted, PARTIES, sentence } from '../text/words.ts';

/**
 * An incident at a glance: the cause, its owner, how many calls and since when, the change before it, the fix, and
 * whether it helped. Without a heading, the card stands alone in its view and shows everything.
 */
export function IncidentCard({ incident, heading }: { incident: Incident; heading: 'h2' | 'h3' | undefined }) {
  const isWhole = heading === undefined;
  const Title = heading ?? 'h3';
  const { id, cause, title, party, state, trunk, trunk_name, change, fix, after_fix, examples, closed_text } = incident;
  const example = examples.at(-1) ?? incident.last_call.call_sid;
  return (
    <article class={`incident incident-${state}`} aria-label={sentence(title)}>
      <p class="owner">{closed_text ?? (PARTIES[party] ?? PARTIES.unknown).owner}</p>
      {!isWhole && (
        <Title class="incident-title">
          <a href={address({ view: 'incidents', incident: id })}>{sentence(title)}</a>
        </Title>
      )}
      <p class="chips">
        <PartyChip party={party} /> <IdChip id={cause} />{' '}
        {trunk !== 'none' && (
          <span class="chip" title={trunk}>
            {trunk_name ? `${trunk_name} · ` : ''}
            {trunk}
          </span>
        )}
      </p>
      <Counts incident={incident} />
      {after_fix && (
        <p class={`after-fix after-${after_fix.state}`}>
          <strong>After the fix:</strong> {after_fix.text} <Time at={after_fix.at} />
        </p>
      )}
      {change && (
        <p class="change">
          <strong>What changed:</strong> {change.text}
        </p>
      )}
      {fix && (isWhole || state === 'open') && <Fixes fixes={[fix]} isBrief={!isWhole} />}
      {example && (
        <p class="to-call">
          <a href={address({ call: example })}>Why: evidence from one call →</a>
        </p>
      )}
    </article>
  );
}

function Counts({ incident }: { incident: Incident }) {
  const { calls, callers, closed_at, quiet_since, first_call, last_call, worsened_at } = incident;
  return (
    <p class="counts">
      <span>
        <strong>{counted(calls, 'failed call')}</strong>
        {callers !== null && ` from ${counted(callers, 'caller')}`}
      </span>
      <span>
        since <Time at={first_call.at} />
      </span>
      <span>
        last <Time at={last_call.at} />
      </span>
      {quiet_since && (
        <span>
          quiet since <Time at={quiet_since} />, but nothing shows that the cause is gone
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
        </span>
      )}
    </p>
  );
}
