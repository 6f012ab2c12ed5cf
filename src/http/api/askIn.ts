import type { FastifyInstance } from 'fastify';
import { ApiProblem, type AskApi, answerOf, pathOf } from '../../mcp/askApi.ts';

/**
 * Asks an API server of the same process, which is made for the first question. An answer of more than `mostBytes` is
 * not read.
 */
export function askIn(make: () => Promise<FastifyInstance>, mostBytes = Number.POSITIVE_INFINITY): AskApi {
  let made: Promise<FastifyInstance> | undefined;
  return async (path, query, body) => {
    made ??= make();
    const api = await made;
    const { statusCode, rawPayload } = await api.inject({
      method: body ? 'POST' : 'GET',
      url: `/api/v1${pathOf(path, query)}`,
      ...(body && { payload: body }),
    });
    if (rawPayload.length > mostBytes) {
      const size = (rawPayload.length / 1024 / 1024).toFixed(1);
      throw new ApiProblem(
        413,
        `The answer has ${size} MiB, which is too much here. Ask for less, or ask the API itself.`,
      );
    }
    return answerOf(statusCode, rawPayload.toString());
  };
}
