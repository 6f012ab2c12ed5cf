import { Agent, request } from 'undici';
import { networkFault } from '../../loop/networkFault.ts';
import { type AskApi, pathOf } from '../../mcp/askApi.ts';
import { WrongUse } from '../../settings/commandSettings.ts';
import { readSecretFiles } from '../../settings/secretFiles.ts';
import { apiAnswer } from './apiAnswer.ts';

/** How long, in milliseconds, the service may take for an answer, and how large it may be. */
const WITHIN_MS = 30_000;
const ANSWER_BYTES = 64 * 1024 * 1024;

/** Asks a running service by its API. Redirects are not followed, because they would get the token. */
export async function askServer<T>(server: string, work: (ask: AskApi) => Promise<T>): Promise<T> {
  const base = addressOf(server);
  const token = tokenOf(process.env);
  const agent = new Agent({
    connect: { timeout: WITHIN_MS },
    headersTimeout: WITHIN_MS,
    bodyTimeout: WITHIN_MS,
    maxResponseSize: ANSWER_BYTES,
  });
  const ask: AskApi = async (path, query, body) => {
    const headers = {
      accept: 'application/json',
      'user-agent': 'sipwhy',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    };
    try {
      const answer = await request(`${base}/api/v1${pathOf(path, query)}`, {
        method: body ? 'POST' : 'GET',
        dispatcher: agent,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      return apiAnswer(base, answer.statusCode, await answer.body.text());
    } catch (error) {
      if (error instanceof WrongUse) throw error;
      throw new WrongUse(`cannot ask ${base}: ${networkFault(error)}`);
    }
  };
  try {
    return await work(ask);
  } finally {
    await agent.destroy();
  }
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
