/** What a question to the API may have in its query; lists are separated by commas. */
export type AskQuery = Readonly<Record<string, string | number | undefined>>;

/**
 * Asks the API a question. `path` is below /api/v1, `body` is sent by POST. Resolves to `undefined` for what isn't there.
 * Rejects with `ApiProblem` if the API says what is wrong.
 */
export type AskApi = (path: string, query?: AskQuery, body?: object) => Promise<unknown>;

/** What the API says is wrong; the message is its detail. */
export class ApiProblem extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** Codes of the API's problem details for what isn't there. Any other 404 is a wrong address. */
const NOT_THERE = /:unknown_\w+$/;

/** The JSON of an answer of the API; `undefined` for what isn't there. Throws `ApiProblem`. */
export function answerOf(status: number, text: string): unknown {
  const json = parsed(text);
  if (status === 200 && json !== undefined) return json;
  const { type, detail } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  if (typeof type !== 'string' || typeof detail !== 'string')
    throw new ApiProblem(status, 'not as sipwhy does; check the address');
  if (status === 404 && NOT_THERE.test(type)) return undefined;
  throw new ApiProblem(status, detail);
}

/** The path with its query, each value escaped. */
export function pathOf(path: string, query: AskQuery = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, `${value}`);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
