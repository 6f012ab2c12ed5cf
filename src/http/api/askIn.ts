import type { FastifyInstance } from 'fastify';
import { ApiProblem, type AskApi, answerOf, pathOf } from '../../mcp/askApi.ts';

/**
 * Asks an API server of the same process, which is made for the first question. An answer of more than `mostBytes` is
 * not read to its end.
 */
export function askIn(make: () => Promise<FastifyInstance>, mostBytes = Number.POSITIVE_INFINITY): AskApi {
  let made: Promise<FastifyInstance> | undefined;
  return async (path, query, body) => {
    made ??= make();
    const api = await made;
    const { statusCode, raw, stream } = await api.inject({
      method: body ? 'POST' : 'GET',
      url: `/api/v1${pathOf(path, query)}`,
      // Else the whole answer becomes one text, however long it is.
      payloadAsStream: true,
      ...(body && { payload: body }),
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of stream()) {
      bytes += chunk.length;
      if (bytes > mostBytes) {
        // So that the rest isn't made.
        raw.res.destroy();
        throw new ApiProblem(
          413,
          `The answer has more than ${mostBytes / 1024 / 1024} MiB, which is too much here. Ask for less, or ask the API itself.`,
        );
      }
      chunks.push(chunk);
    }
    return answerOf(statusCode, Buffer.concat(chunks).toString());
  };
}
