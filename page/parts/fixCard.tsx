import type { ComponentChildren } from 'preact';
import type { Effects, Fix, Incident } from '../api/types.ts';
import { counted, sentence } from '../text/words.ts';
import { Commands } from './commands.tsx';
import { Fold } from './fold.tsx';

type ShownFix = Pick<Fix, 'action' | 'pastes'> & {
  readonly proof?: Fix['proof'] | NonNullable<Incident['fix']>['proof'];
  readonly effects?: Effects | undefined;
};

/** What to do, with its proof, whom it affects and the command. The first fix is the preferred one. */
export function FixCard({ fixes, children }: { fixes: readonly ShownFix[]; children?: ComponentChildren }) {
  const [first, ...others] = fixes;
  if (!first) return null;
  return (
    <section class={`card card-fix ${first.proof ? '' : 'card-unproven'}`} aria-label="Fix">
      <div class="fix-head">
        <h2>{first.action}</h2>
        <Proof proof={first.proof} />
      </div>
      <FixBody fix={first} />
      {others.length > 0 && (
        <Fold summary={others.length === 1 ? 'Another way' : `${others.length} other ways`}>
          {others.map((fix) => (
            <WholeFix key={fix.action} fix={fix} />
          ))}
        </Fold>
      )}
      {children}
    </section>
  );
}

/** A fix that is not the first thing to do. */
export function WholeFix({ fix }: { fix: ShownFix }) {
  return (
    <div class="whole-fix">
      <div class="fix-head">
        <h3>{fix.action}</h3>
        <Proof proof={fix.proof} />
      </div>
      <FixBody fix={fix} />
    </div>
  );
}

function FixBody({ fix: { effects, pastes } }: { fix: ShownFix }) {
  return (
    <>
      {effects && <Affected effects={effects} />}
      {pastes.length === 1 && !pastes[0]?.tool && <p class="affected">{pastes[0]?.label}</p>}
      <Commands commands={pastes} />
    </>
  );
}

function Proof({ proof }: { proof: ShownFix['proof'] }) {
  if (!proof) return null;
  const isWhole = proof === 'connects';
  return (
    <span
      class="verdict verdict-pass"
      title={`LiveKit’s matching was run on a copy of its configuration with this fix, and with the first fix for each other cause: ${
        isWhole ? 'it admits the call.' : 'nothing known blocks the call.'
      }`}
    >
      <span aria-hidden="true">✓</span> {isWhole ? 'proven' : 'proven as far as known'}
    </span>
  );
}

/** Whom the fix lets in or locks out, of the latest calls. */
function Affected({ effects }: { effects: Effects }) {
  const { calls, newly_admitted, newly_refused, newly_conflicting, exposes } = effects;
  return (
    <p class="affected">
      Of the last {counted(calls, 'call')}: admits {newly_admitted} more
      {newly_refused > 0 ? <strong class="bad">, refuses {newly_refused}</strong> : ', refuses none'}
      {newly_conflicting > 0 && <strong class="bad">, {newly_conflicting} conflict</strong>}.
      {exposes.map((text) => (
        <span key={text} class="warn">
          {' '}
          {sentence(text)}.
        </span>
      ))}
    </p>
  );
}
