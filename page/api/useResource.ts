import { useEffect, useState } from 'preact/hooks';
import { token } from './apiToken.ts';
import { ask, type Problem } from './client.ts';
import { changes } from './live.ts';

export interface Resource<T> {
  /** The last good answer; kept while the service cannot give a newer one. */
  readonly data: T | undefined;
  /** Why the last answer was none. */
  readonly problem: Problem | undefined;
  readonly isLoading: boolean;
}

/** How long, in seconds, until what failed for a passing reason is asked for again, where the service does not say. */
const RETRY_SECONDS = 4;

/**
 * What the API answers for a path below /api/v1. Asked for again whenever something new was heard of (`isLive`), and
 * while the service is busy or away. `undefined` as the path asks for nothing.
 */
export function useResource<T>(path: string | undefined, isLive = false, everySeconds?: number): Resource<T> {
  const [state, setState] = useState<Resource<T> & { readonly path?: string | undefined }>({
    data: undefined,
    problem: undefined,
    isLoading: path !== undefined,
  });
  const [attempt, setAttempt] = useState(0);
  const heard = isLive ? changes.value : 0;
  const sentToken = token.value;
  // The effect is run again by all that is listed, also where it does not read it.
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
        if (isPassing(problem)) {
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
  }, [path, heard, attempt, sentToken, everySeconds]);
  return state;
}

/** Whether asking again later may help. */
export function isPassing({ status }: Problem): boolean {
  return status === 0 || status === 429 || status >= 500;
}
