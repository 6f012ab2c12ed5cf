import { useEffect, useState } from 'preact/hooks';
import { ask, type Problem } from './client.ts';
import { changes } from './live.ts';
import { session } from './session.ts';

export interface Resource<T> {
  /** The last good answer; kept while the service can't give a newer one. */
  readonly data: T | undefined;
  /** Why the last request failed. */
  readonly problem: Problem | undefined;
  readonly isLoading: boolean;
}

/** Default delay, in seconds, before a request that failed for a temporary reason is repeated. */
const RETRY_SECONDS = 4;

/**
 * The API's answer for a path below /api/v1. Requested again after every event if `isLive`, and
 * while the service is busy or away. Nothing is requested if the path is `undefined`.
 */
export function useResource<T>(path: string | undefined, isLive = false, everySeconds?: number): Resource<T> {
  const [state, setState] = useState<Resource<T> & { readonly path?: string | undefined }>({
    data: undefined,
    problem: undefined,
    isLoading: path !== undefined,
  });
  const [attempt, setAttempt] = useState(0);
  const change = isLive ? changes.value : 0;
  const asked = session.value;
  // Some of the listed values are not read in the effect; a change of them still repeats the request.
  useEffect(() => {
    if (path === undefined) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    setState((before) => ({ ...before, isLoading: true }));
    ask<T>(path, { signal: abort.signal })
      .then((answer) => {
        if (abort.signal.aborted) return;
        if (answer.ok) {
          setState({ path, data: answer.data, problem: undefined, isLoading: false });
          if (everySeconds !== undefined) timer = setTimeout(() => setAttempt((n) => n + 1), everySeconds * 1000);
          return;
        }
        const { problem } = answer;
        setState((before) => ({
          path,
          data: before.path === path ? before.data : undefined,
          problem,
          isLoading: false,
        }));
        if (isTemporary(problem)) {
          timer = setTimeout(() => setAttempt((n) => n + 1), (problem.retryAfterSeconds ?? RETRY_SECONDS) * 1000);
        }
      })
      .catch((error: unknown) => {
        if (!abort.signal.aborted) throw error;
      });
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path, change, attempt, asked, everySeconds]);
  return state;
}

/** Whether a later request may succeed. */
export function isTemporary({ status }: Problem): boolean {
  return status === 0 || status === 429 || status >= 500;
}
