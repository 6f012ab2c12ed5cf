import type { Party } from '../api/types.ts';
import { CONFIDENCES, PARTIES } from '../text/words.ts';

/** The owner of a problem, by word. Owners have no colours: only state has one. */
export function OwnerTag({ party }: { party: Party | null | undefined }) {
  return <span class="tag">{PARTIES[party ?? 'unknown']?.short ?? party}</span>;
}

/** The public id of a cause or finding, as in labels, alerts and documents. */
export function IdTag({ id }: { id: string }) {
  return <code class="tag">{id}</code>;
}

export function ConfidenceTag({ confidence }: { confidence: string | null }) {
  if (confidence === null) return null;
  return (
    <span class="tag" title={CONFIDENCES[confidence]}>
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
