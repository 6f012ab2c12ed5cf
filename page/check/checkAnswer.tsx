import type { Checked } from '../api/types.ts';
import { Fold } from '../parts/fold.tsx';
import { KeyValues } from '../parts/keyValues.tsx';
import { Match } from '../parts/matchTrace.tsx';
import { counted } from '../text/words.ts';
import { BlockingCause } from './blockingCause.tsx';
import { decidingRows, othersIn } from './decidingRows.ts';

const ANSWERS = {
  yes: { verdict: 'pass', mark: '✓', text: 'It would connect' },
  no: { verdict: 'fail', mark: '✕', text: 'It would not connect' },
  open: { verdict: 'unknown', mark: '?', text: 'That depends on unknown details' },
} as const;

/** The answer for one target of the dial: connects or not, the fix, and beside it what decided. */
export function CheckAnswer({ checked }: { checked: Checked }) {
  const { to, would_connect, blocking, latent, unknowns, notes } = checked;
  // Where nothing is to be done, what decided is all there is.
  const isAnswered = blocking.length + latent.length === 0;
  const { verdict, mark, text } = ANSWERS[would_connect === null ? 'open' : would_connect ? 'yes' : 'no'];
  return (
    <article class="answer">
      <div class="page-head">
        <span class={`verdict verdict-${verdict}`} aria-hidden="true">
          {mark}
        </span>
        <h2>{text}</h2>
        <span class="number-text quiet">{to}</span>
      </div>
      <div class="columns">
        {isAnswered && (
          <div class="main-column">
            <Deciding checked={checked} />
          </div>
        )}
        <div class={isAnswered ? 'side-column' : 'main-column'}>
          {blocking.map((id, i) => (
            <BlockingCause
              key={id}
              id={id}
              shown={checked}
              isFolded={i > 0}
              place={blocking.length > 1 ? `${i + 1} of ${blocking.length}` : undefined}
            />
          ))}
          {latent.map((id) => (
            <BlockingCause key={id} id={id} shown={checked} isFolded={blocking.length > 0} place="possible" />
          ))}
          <Listed title="Unknown" items={unknowns} />
          <Listed title="Notes" items={notes} />
        </div>
        {!isAnswered && (
          <div class="side-column">
            <Deciding checked={checked} />
          </div>
        )}
      </div>
    </article>
  );
}

/** The trunk and the rule that decided, field by field; all others are folded. */
function Deciding({ checked }: { checked: Checked }) {
  const others = othersIn(checked.trace);
  const trunks = others.trunks.length + others.trunks_left_out;
  const rules = others.dispatch_rules.length + others.dispatch_rules_left_out;
  return (
    <section class="card" aria-label="LiveKit’s matching">
      <h2>LiveKit’s matching</h2>
      <KeyValues rows={decidingRows(checked)} />
      {checked.findings.length > 0 && (
        <p>
          Findings:{' '}
          {checked.findings.map((id) => (
            <a key={id} href={`runbooks/${id}`}>
              {id}
            </a>
          ))}
        </p>
      )}
      {trunks + rules > 0 && (
        <Fold summary={`${counted(trunks, 'other trunk')}, ${counted(rules, 'other rule')}`}>
          <Match match={others} />
        </Fold>
      )}
    </section>
  );
}

function Listed({ title, items }: { title: string; items: readonly string[] }) {
  if (items.length === 0) return null;
  return (
    <section class="card" aria-label={title}>
      <h2>{title}</h2>
      <ul class="changes">
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </section>
  );
}
