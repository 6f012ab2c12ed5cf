import type { ComponentChildren } from 'preact';

/** Rows that open in place. `kind` names the columns, in style/trunks.css. */
export function FoldRows({ kind, children }: { kind: string; children: ComponentChildren }) {
  return <ul class={`fold-rows fold-${kind}`}>{children}</ul>;
}

/** One row: its cells, and what it opens to. */
export function FoldRow({ cells, isOpen = false, id, children }: FoldRowProps) {
  return (
    <li id={id}>
      <details open={isOpen}>
        <summary>{cells}</summary>
        <div class="opened">{children}</div>
      </details>
    </li>
  );
}

interface FoldRowProps {
  readonly cells: ComponentChildren;
  readonly isOpen?: boolean;
  readonly id?: string;
  readonly children: ComponentChildren;
}
