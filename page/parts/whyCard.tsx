import type { ComponentChildren } from 'preact';
import type { Attempt } from '../api/types.ts';
import { CONFIDENCES, DEPLOYMENTS, sentence } from '../text/words.ts';
import { causes, titleOf } from './causes.tsx';
import { Fold } from './fold.tsx';
import { type KeyValue, KeyValues } from './keyValues.tsx';
import { Prose } from './prose.tsx';
import { whyOf } from './whyRows.tsx';

/** Lines of evidence that are shown; further ones are folded. */
const LINES_SHOWN = 3;

/** Why one attempt ended as it did, in values: what refuses it first; what passes is folded. */
export function WhyCard({ attempt, title = 'Why', children }: WhyCardProps) {
  // Other causes that stop the call have their own evidence beside their fixes.
  const { shown, passes } = whyOf(attempt, [attempt.cause ?? '']);
  // What refuses is never folded.
  const room = Math.max(LINES_SHOWN, shown.findLastIndex(({ verdict }) => verdict === 'fail') + 1);
  const more = shown.slice(room);
  return (
    <section class="card" aria-labelledby={`why-${attempt.call_sid}`}>
      <h2 id={`why-${attempt.call_sid}`}>{title}</h2>
      <KeyValues rows={shown.slice(0, room)} />
      {more.length > 0 && (
        <Fold summary={`${more.length} more`}>
          <KeyValues rows={more} />
        </Fold>
      )}
      {passes.length > 0 && shown.length === 0 && <KeyValues rows={passes} />}
      {passes.length > 0 && shown.length > 0 && (
        <Fold
          summary={[namesOf('Passes', passes, 'pass'), namesOf('unknown', passes, 'unknown')]
            .filter(Boolean)
            .join('; ')}
        >
          <KeyValues rows={passes} />
        </Fold>
      )}
      <Doubts attempt={attempt} />
      {children}
    </section>
  );
}

function namesOf(word: string, rows: readonly KeyValue[], verdict: KeyValue['verdict']): string {
  const names = new Set(rows.filter((row) => row.verdict === verdict).map(({ name }) => name));
  return names.size === 0 ? '' : `${word}: ${[...names].join(', ')}`;
}

interface WhyCardProps {
  readonly attempt: Attempt;
  readonly title?: string;
  readonly children?: ComponentChildren;
}

/** What the explanation leaves open; nothing where it is certain. */
function Doubts({ attempt }: { attempt: Attempt }) {
  const { cause, confidence, deployment, alternatives, unknowns } = attempt;
  const when =
    confidence === null || confidence === 'certain'
      ? undefined
      : (causes.value.get(cause ?? '')?.confidence[confidence] ?? CONFIDENCES[confidence]);
  const rows = [
    ...(when ? [{ name: sentence(confidence ?? ''), value: <Prose text={when} /> }] : []),
    ...(alternatives.length > 0
      ? [{ name: 'Not ruled out', value: alternatives.map((id) => sentence(titleOf(id))).join('; ') }]
      : []),
    ...unknowns.map((unknown, i) => ({ name: i === 0 ? 'Unknown' : `Unknown ${i + 1}`, value: unknown })),
    ...(deployment
      ? [{ name: 'Deployment', value: `${DEPLOYMENTS[deployment.kind] ?? deployment.kind}: ${deployment.basis}` }]
      : []),
  ];
  if (rows.length === 0) return null;
  const summary =
    confidence === 'likely' || confidence === 'possible' ? `How sure: ${confidence}` : 'Where LiveKit runs';
  return (
    <Fold summary={summary}>
      <KeyValues rows={rows} />
    </Fold>
  );
}
