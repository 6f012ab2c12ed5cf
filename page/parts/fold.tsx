import type { ComponentChildren } from 'preact';

/** What is read only if wanted, behind one line. */
export function Fold({ summary, children }: { summary: ComponentChildren; children: ComponentChildren }) {
  return (
    <details class="more">
      <summary>{summary}</summary>
      {children}
    </details>
  );
}
