import { ask, type RequestLimits } from '../../connect/boundedRequest.ts';
import { type AskApi, answerOf, pathOf } from '../../mcp/askApi.ts';
import { WrongUse } from '../../settings/commandSettings.ts';
import { readSecretFiles } from '../../settings/secretFiles.ts';
import { wrongUseOf } from './wrongUseOf.ts';

const LIMITS: RequestLimits = { answerMs: 30_000, bytes: 64 * 1024 * 1024 };

/** Asks a running service by its API. */
export function askServer<T>(server: string, work: (ask: AskApi) => Promise<T>): Promise<T> {
  const base = addressOf(server);
  const token = tokenOf(process.env);
  return work(async (path, query, body) => {
    const url = `${base}/api/v1${pathOf(path, query)}`;
    const asked = await ask({ url, method: body ? 'POST' : 'GET', token, ...(body && { body }) }, LIMITS);
    if (!asked.ok) throw new WrongUse(`cannot ask ${base}: ${asked.fault}`);
    try {
      return answerOf(asked.answer.status, asked.answer.text);
    } catch (error) {
      throw wrongUseOf(base, error);
    }
  });
}

/** The address without a slash at its end. Credentials in it would be logged by proxies. */
function addressOf(server: string): string {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw new WrongUse('--server must be the http:// or https:// address of sipwhy, such as http://127.0.0.1:8080');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function tokenOf(env: NodeJS.ProcessEnv): string | undefined {
  const { values, faults } = readSecretFiles(['API_TOKEN'], env);
  const fault = faults.get('API_TOKEN');
  if (fault !== undefined) throw new WrongUse(fault);
  return values.API_TOKEN ?? (env.API_TOKEN?.trim() || undefined);
}
