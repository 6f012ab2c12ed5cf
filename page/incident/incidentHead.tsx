import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { OneIncident } from '../api/types.ts';
import { PageHead } from '../parts/heading.tsx';
import { IdTag } from '../parts/tags.tsx';
import { Time } from '../parts/time.tsx';
import { TrunkWords } from '../parts/trunkWords.tsx';
import { address } from '../route.ts';
import { counted, PARTIES, sentence } from '../text/words.ts';
import { ActionButtons, ActionForm, type FormName, UndoButton } from './incidentActions.tsx';
import type { Acted } from './useDeed.ts';

interface HeadProps {
  readonly acted: Acted;
  /** Attempts on its trunk since its first call; `undefined` while unknown. */
  readonly all: number | undefined;
}

/** What an incident is, whose it is, how many calls it has, and what state it is in. */
export function IncidentHead({ acted, all }: HeadProps) {
  const [form, setForm] = useState<FormName>();
  const { incident } = acted;
  const { title, cause, party, trunk, trunk_name, calls, callers, first_call, last_call } = incident;
  const isOpen = incident.state === 'open';
  return (
    <>
      <p class="back">
        <a href={address()}>← Incidents</a>
      </p>
      <PageHead
        title={sentence(title)}
        dot={dotOf(incident)}
        tags={<IdTag id={cause} />}
        actions={<ActionButtons acted={acted} shown={form} show={setForm} />}
      />
      <Closed incident={incident} />
      <p class="under-head">
        Owner <strong class="owner">{(PARTIES[party] ?? PARTIES.unknown).short}</strong> ·{' '}
        <TrunkWords id={trunk} name={trunk_name} /> · <strong class={isOpen ? 'bad' : ''}>{calls} failed</strong>
        {all !== undefined && all >= calls ? ` of ${counted(all, 'call')}` : ''} since{' '}
        <Time at={first_call.at} relative={false} />
        {callers !== null && ` · ${counted(callers, 'caller')}`} · last <Time at={last_call.at} />
      </p>
      {form && <ActionForm acted={acted} form={form} close={() => setForm(undefined)} />}
      <IncidentState acted={acted} />
    </>
  );
}

function dotOf({ state, muted, acknowledged }: OneIncident): 'open' | 'acknowledged' | 'muted' | 'closed' {
  if (state === 'closed') return 'closed';
  return muted ? 'muted' : acknowledged ? 'acknowledged' : 'open';
}

/** A closed incident says so first, and why. */
function Closed({ incident: { closed_at, closed_text } }: { incident: OneIncident }) {
  if (closed_at === null) return null;
  return (
    <Line kind="good">
      <strong>Closed</strong> <Time at={closed_at} /> {closed_text?.replace(/^Closed:? (by hand, (?=by))?/, '')}
    </Line>
  );
}

/** What is not to be taken for an open incident that nobody has seen; the past is told as past. */
function IncidentState({ acted }: { acted: Acted }) {
  const { incident } = acted;
  const { quiet_since, worsened_at, acknowledged, muted, after_fix } = incident;
  const isOpen = incident.state === 'open';
  return (
    <>
      {after_fix && (
        <Line kind={AFTER_FIX[after_fix.state]}>
          <strong>After the change</strong> <Time at={after_fix.at} /> {after_fix.text}
        </Line>
      )}
      {quiet_since && (
        <Line>
          <strong>Quiet</strong> since <Time at={quiet_since} />; nothing shows that the cause is gone
        </Line>
      )}
      {isOpen && worsened_at && !quiet_since && (
        <Line kind="bad">
          <strong>Worse</strong> since <Time at={worsened_at} />
        </Line>
      )}
      {isOpen && acknowledged && (
        <Line>
          <strong>Acknowledged</strong> {by(acknowledged.by)}
          <Time at={acknowledged.at} />{' '}
          <UndoButton acted={acted} verb="acknowledge" what={{ acknowledged: false }} label="Undo" />
        </Line>
      )}
      {muted && (
        <Line>
          <strong>Muted</strong> until <Time at={muted.until} relative={false} />{' '}
          <span class="quiet">
            {by(muted.by)}
            <Time at={muted.at} />
          </span>{' '}
          {isOpen && <UndoButton acted={acted} verb="mute" what={{ until: null }} label="Unmute" />}
        </Line>
      )}
    </>
  );
}

const AFTER_FIX = {
  configuration_changed: undefined,
  recheck_passes: 'good',
  recheck_fails: 'bad',
  probe_ok: 'good',
  next_call_connected: 'good',
  next_call_failed: 'bad',
} as const;

function Line({ kind, children }: { kind?: 'good' | 'bad' | undefined; children: ComponentChildren }) {
  return <p class={`state-line ${kind ?? ''}`}>{children}</p>;
}

function by(name: string | null): string {
  return name === null ? '' : `by ${name}, `;
}
