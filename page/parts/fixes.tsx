import type { Effects, Fix, Paste } from '../api/types.ts';
import { counted } from '../text/words.ts';
import { CopyButton } from './copyButton.tsx';

interface Shown extends Pick<Fix, 'action' | 'pastes'> {
  readonly proof?: Fix['proof'] | null;
  readonly effects?: Effects;
}

/**
 * What to change, with its proof, its side effects, and what to paste. The first fix is the preferred one. `isBrief`
 * leaves out the text to paste.
 */
export function Fixes({ fixes, isBrief = false }: { fixes: readonly Shown[]; isBrief?: boolean }) {
  const [first, ...others] = fixes;
  if (!first) return null;
  return (
    <div class="fixes">
      <FixBlock fix={first} isBrief={isBrief} />
      {others.length > 0 && (
        <details class="more">
          <summary>{others.length === 1 ? 'Another fix' : `${others.length} other fixes`}</summary>
          {others.map((fix) => (
            <FixBlock key={fix.action} fix={fix} />
          ))}
        </details>
      )}
    </div>
  );
}

function FixBlock({ fix, isBrief = false }: { fix: Shown; isBrief?: boolean }) {
  const { action, pastes, proof, effects } = fix;
  const [first, ...others] = pastes;
  return (
    <div class="fix">
      <p class="fix-action">
        <span class="fix-word">Fix</span> {action}
      </p>
      <ProofLine proof={proof} />
      {effects && <EffectsLine effects={effects} />}
      {first && isBrief && (
        <p class="brief">
          <CopyButton text={first.text} what={first.label} /> <span class="quiet">{first.label}</span>
        </p>
      )}
      {first && !isBrief && <PasteBlock paste={first} />}
      {others.length > 0 && !isBrief && (
        <details class="more">
          <summary>{others.map(({ label }) => label).join('; ')}</summary>
          {others.map((paste) => (
            <PasteBlock key={paste.label} paste={paste} />
          ))}
        </details>
      )}
    </div>
  );
}

function ProofLine({ proof }: { proof: Shown['proof'] }) {
  if (!proof) return null;
  const asFarAsKnown = proof === 'connects_as_far_as_known';
  return (
    <p class="proof">
      <span class="verdict verdict-pass">
        <span aria-hidden="true">✓</span> {asFarAsKnown ? 'Proven as far as known' : 'Proven'}
      </span>
      <span class="quiet">
        {' '}
        On a copy of LiveKit’s configuration with this fix, and the first fix for each other cause,{' '}
        {asFarAsKnown ? 'nothing known blocks the call.' : 'LiveKit’s matching admits the call.'}
      </span>
    </p>
  );
}

function EffectsLine({ effects }: { effects: Effects }) {
  const { calls, newly_admitted, newly_refused, newly_conflicting, exposes } = effects;
  return (
    <>
      <p class="quiet effects">
        Side effects: of the last {counted(calls, 'call')}, {newly_admitted} more would get in, {newly_refused} would no
        longer get in, {newly_conflicting} would conflict.
      </p>
      {exposes.length > 0 && (
        <ul class="exposes">
          {exposes.map((text) => (
            <li key={text}>
              <strong>Warning:</strong> {text}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function PasteBlock({ paste }: { paste: Paste }) {
  return (
    <figure class="paste">
      <figcaption>
        <span>{paste.label}</span>
        <CopyButton text={paste.text} what={paste.label} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>{paste.text}</code>
      </pre>
    </figure>
  );
}
