import { ApiProblem, answerOf } from '../../mcp/askApi.ts';
import { WrongUse } from '../../settings/commandSettings.ts';

/** The JSON of an answer of the API; `undefined` for what isn't there. Throws WrongUse with what the API says is wrong. */
export function apiAnswer(from: string, status: number, text: string): unknown {
  try {
    return answerOf(status, text);
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    if (status === 401) throw new WrongUse(`${from} needs a token: set API_TOKEN or API_TOKEN_FILE to the service’s`);
    throw new WrongUse(status === 400 ? error.message : `${from} answered ${status}: ${error.message}`);
  }
}
