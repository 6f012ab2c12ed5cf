import type { ComponentChildren } from 'preact';
import type { Problem } from '../api/client.ts';
import { isTemporary } from '../api/useResource.ts';

/** Why there is no answer, and what to do about it. Earlier content stays on the page. */
export function ProblemNotice({ problem, what }: { problem: Problem | undefined; what: string }) {
  if (!problem || problem.status === 401) return null;
  const { status, code, detail } = problem;
  return (
    <p class="notice notice-bad" role="status">
      <strong>{what}.</strong> {detail}
      {isTemporary(problem) && code !== 'no_configuration' && ' Retrying automatically.'}
      {status >= 400 && status < 500 && code !== '' && <span class="quiet"> ({code})</span>}
    </p>
  );
}

/** Says that something is loading. It appears after a moment, because most answers are faster. */
export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" role="status">
      Loading {what} …
    </p>
  );
}

/** Says that there is nothing, and what to do about it. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="none">{children}</p>;
}
