import { ApiProblem } from '../../mcp/askApi.ts';
import { WrongUse } from '../../settings/commandSettings.ts';

/** What the API says is wrong, for a person at a command; any other error as it is. */
export function wrongUseOf(from: string, error: unknown): unknown {
  if (!(error instanceof ApiProblem)) return error;
  const { status, message } = error;
  if (status === 401) return new WrongUse(`${from} needs a token: set API_TOKEN or API_TOKEN_FILE to the service’s`);
  return new WrongUse(status === 400 || status === 409 ? message : `${from} answered ${status}: ${message}`);
}
