import type { Checked } from '../api/types.ts';
import { CauseFolds, CauseSections } from '../parts/causes.tsx';
import { VerdictMark } from '../parts/chips.tsx';
import { Match } from '../parts/matchTrace.tsx';

const STAGES = { host: 'Host', trunk: 'Trunk', auth: 'Credentials', dispatch: 'Dispatch rule', media: 'Media' };

/** The answer for one target of the dial. */
export function CheckAnswer({ checked }: { checked: Checked }) {
  const { to, would_connect, stages, blocking, latent, findings, unknowns, notes, trace } = checked;
  const outcome = would_connect === null ? 'open' : would_connect ? 'connected' : 'failed';
  return (
    <article class="story">
      <div class={`verdict-card outcome-${outcome}`}>
        <h2>
          {would_connect === null
            ? 'That depends on unknown details'
            : would_connect
              ? 'It would connect'
              : 'It would not connect'}
        </h2>
        <p class="number-text">{to}</p>
        <ul class="stages">
          {stages.map(({ stage, verdict, detail }) => (
            <li key={stage}>
              <VerdictMark verdict={verdict} /> <strong>{STAGES[stage] ?? stage}:</strong> {detail}
            </li>
          ))}
        </ul>
      </div>
      {blocking.length > 0 && (
        <section aria-label="What blocks it">
          <h2>What blocks it</h2>
          <CauseSections ids={blocking} shown={checked} isNumbered={blocking.length > 1} />
        </section>
      )}
      {latent.length > 0 && (
        <section aria-label="What else may block it">
          <h2>What else may block it</h2>
          <CauseFolds ids={latent} shown={checked} />
        </section>
      )}
      {findings.length > 0 && <p class="notice notice-bad">Findings: {findings.join(', ')}</p>}
      {unknowns.length > 0 && (
        <section aria-label="Unknown">
          <h2>Unknown</h2>
          <ul>
            {unknowns.map((unknown) => (
              <li key={unknown}>{unknown}</li>
            ))}
          </ul>
        </section>
      )}
      {notes.length > 0 && (
        <section aria-label="Notes">
          <h2>Notes</h2>
          <ul>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </section>
      )}
      <section aria-label="Match, field by field">
        <h2>Match, field by field</h2>
        <Match match={trace} />
      </section>
    </article>
  );
}
