import { Option } from 'commander';

/** What an answer of the API may be asked with; lists are separated by commas. */
export type AskQuery = Readonly<Record<string, string | number | undefined>>;

/**
 * Asks the API a question: of a running service, or of the store. `path` is below /api/v1, `body` is sent by POST.
 * Resolves to `undefined` for what isn't there. Rejects with WrongUse for a wrong question, and where nothing answers.
 */
export type Ask = (path: string, query?: AskQuery, body?: object) => Promise<unknown>;

/** Asks the service at this address, or without one the store that the environment names. */
export type Asking = <T>(server: string | undefined, work: (ask: Ask) => Promise<T>) => Promise<T>;

/** The option of every command that reads. */
export function serverOption(): Option {
  return new Option('--server <url>', 'ask this running service, with API_TOKEN if it needs one; not the store');
}

/** The path with its query, each value escaped. */
export function pathOf(path: string, query: AskQuery = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, `${value}`);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}
