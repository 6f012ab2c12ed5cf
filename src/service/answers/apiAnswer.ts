import { readJson } from '../../files/jsonText.ts';
import { WrongUse } from '../../settings/commandSettings.ts';

/** Codes of the API's problem details for what isn't there. Any other 404 is a wrong address. */
const NOT_THERE = /:unknown_\w+$/;

/** The JSON of an answer of the API; `undefined` for what isn't there. Throws WrongUse with what the API says is wrong. */
export function apiAnswer(from: string, status: number, text: string): unknown {
  const answer = readJson(text);
  const json = answer.ok ? answer.json : undefined;
  if (status === 200 && json !== undefined) return json;
  const { type, detail } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  if (typeof type !== 'string' || typeof detail !== 'string')
    throw new WrongUse(`${from} answered ${status}, but not as sipwhy does: check the address`);
  if (status === 404 && NOT_THERE.test(type)) return undefined;
  if (status === 401) throw new WrongUse(`${from} needs a token: set API_TOKEN or API_TOKEN_FILE to the service’s`);
  throw new WrongUse(status === 400 ? detail : `${from} answered ${status}: ${detail}`);
}
