import type { Incident } from '../api/types.ts';
import { Sparkline } from '../parts/charts.tsx';
import { Trunk } from '../parts/trunkNames.tsx';
import { address } from '../route.ts';
import { age, clock } from '../text/time.ts';
import { PARTIES, sentence } from '../text/words.ts';

/** An incident on one line, on two on a phone. */
export function IncidentRow({ incident }: { incident: Incident }) {
  const { id, title, party, trunk, trunk_name, window, first_call, last_call } = incident;
  const state = stateOf(incident);
  const note = noteOf(incident);
  const owner = PARTIES[party]?.short ?? party;
  const name = <Trunk id={trunk} name={trunk_name} />;
  return (
    <tr>
      <td class="what">
        <span class={`dot dot-${state}`} title={state} />
        <span class="cell">
          <a class="row-link" href={address({ view: 'incidents', incident: id })}>
            {sentence(title)}
          </a>
          {note && <span class="note wide-only"> {note}</span>}
          <span class="second-line">
            {note && `${note} · `}
            {owner} · {name}
          </span>
        </span>
      </td>
      <td class="wide">{owner}</td>
      <td class="wide">{name}</td>
      <td class="wide">
        <Sparkline values={window.sparkline} />
      </td>
      <td class="figure failed">{window.failed.toLocaleString('en-GB')}</td>
      <td class="figure wide">{share(window.share)}</td>
      <td class="figure wide quiet" title={clock(first_call.at)}>
        {age(first_call.at)}
      </td>
      <td class="figure quiet" title={clock(last_call.at)}>
        {age(last_call.at)}
      </td>
    </tr>
  );
}

export type IncidentState = 'open' | 'acknowledged' | 'muted' | 'closed';

export function stateOf({ state, muted, acknowledged }: Incident): IncidentState {
  if (state === 'closed') return 'closed';
  return muted ? 'muted' : acknowledged ? 'acknowledged' : 'open';
}

/** What a state or a fix adds to an incident, in few words. */
function noteOf({ state, closed_at, muted, acknowledged, after_fix, quiet_since }: Incident): string {
  if (state === 'closed') return closed_at ? `closed ${clock(closed_at, 'minute')}` : 'closed';
  if (muted) return `muted until ${clock(muted.until, 'minute')}`;
  if (acknowledged) return acknowledged.by ? `acknowledged by ${acknowledged.by}` : 'acknowledged';
  if (after_fix) return AFTER_FIX[after_fix.state] ?? '';
  return quiet_since ? 'quiet' : '';
}

const AFTER_FIX: Readonly<Record<string, string>> = {
  configuration_changed: 'configuration changed since',
  recheck_passes: 'passes the re-check',
  recheck_fails: 'still fails the re-check',
  probe_ok: 'probe answered',
  next_call_connected: 'next call connected',
  next_call_failed: 'next call failed too',
};

function share(of: number): string {
  if (of === 0) return '0 %';
  return of < 0.01 ? '< 1 %' : `${Math.round(of * 100)} %`;
}
