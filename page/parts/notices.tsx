import type { Problem } from '../api/client.ts';
import { isPassing } from '../api/useResource.ts';

/** What keeps an answer away, and what to do about it. What was known before stays on the page. */
export function ProblemNotice({ problem, what }: { problem: Problem | undefined; what: string }) {
  if (!problem || problem.status === 401) return null;
  const { status, code, detail } = problem;
  return (
    <p class="notice notice-bad" role="status">
      <strong>{what}.</strong> {detail}
      {isPassing(problem) && code !== 'no_configuration' && ' Trying again by itself.'}
      {status >= 400 && status < 500 && code !== '' && <span class="quiet"> ({code})</span>}
    </p>
  );
}

/** Says that something is on its way, after a moment; most answers are faster. */
export function Loading({ what }: { what: string }) {
  return (
    <p class="loading" role="status">
      Loading {what} …
    </p>
  );
}
