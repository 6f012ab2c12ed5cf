import type { Party } from '../api/types.ts';
import { CONFIDENCES, PARTIES } from '../text/words.ts';

/** The owner of a problem: by colour and, always, by word. */
export function PartyChip({ party }: { party: Party | null | undefined }) {
  const known = party ?? 'unknown';
  return <span class={`chip party party-${known}`}>{PARTIES[known]?.short ?? known}</span>;
}

/** The public id of a cause or finding, as in labels, alerts and documents. */
export function IdChip({ id }: { id: string }) {
  return <code class="chip id">{id}</code>;
}

export function ConfidenceChip({ confidence }: { confidence: string | null }) {
  if (confidence === null) return null;
  return (
    <span class="chip" title={CONFIDENCES[confidence]}>
      {confidence}
    </span>
  );
}

const MARKS = { pass: ['✓', 'passes'], fail: ['✕', 'fails'], unknown: ['?', 'unknown'] } as const;

/** The result of a comparison. */
export function VerdictMark({ verdict }: { verdict: keyof typeof MARKS }) {
  const [mark, word] = MARKS[verdict] ?? MARKS.unknown;
  return (
    <span class={`verdict verdict-${verdict}`}>
      <span aria-hidden="true">{mark}</span> {word}
    </span>
  );
}
