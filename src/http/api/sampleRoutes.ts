import type { FastifyReply, FastifyRequest } from 'fastify';
import { notFound } from '../problem.ts';
import type { ApiServer } from './apiSchema.ts';

/** A request to the API over the sample data, and its answer. */
interface SampleQuestion {
  readonly method: 'GET' | 'POST';
  /** Such as `/api/v1/calls?limit=1`. */
  readonly url: string;
  readonly accept: string | undefined;
  readonly body: unknown;
}
interface SampleAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly payload: Buffer;
}
export type AskSample = (question: SampleQuestion) => Promise<SampleAnswer>;

/** What of the API can be asked over the sample data. Live events and sessions can't. */
const ASKED = /^\/api\/v1\/sample\/((?:calls|causes|check|incidents|setup|stats|trunks)(?:\/.*)?)$/;
const KEPT_HEADERS = ['content-type', 'content-disposition', 'link'] as const;

/** The same API over sample data, which can only be read. Each answer is marked by the header `sipwhy-sample`. */
export function sampleRoutes(app: ApiServer, ask: AskSample): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    // Without dot segments: the path is matched as it is asked for.
    const { pathname, search } = new URL(request.url, 'http://sipwhy');
    const [, path] = ASKED.exec(pathname) ?? [];
    if (path === undefined) return notFound(request, reply);
    const { statusCode, headers, payload } = await ask({
      method: request.method === 'POST' ? 'POST' : 'GET',
      url: `/api/v1/${path}${search}`,
      accept: request.headers.accept,
      body: request.body,
    });
    for (const name of KEPT_HEADERS) {
      const value = headers[name];
      // A link to the next page is one to the sample's next page.
      if (typeof value === 'string') reply.header(name, value.replace('</api/v1/', '</api/v1/sample/'));
    }
    return reply.code(statusCode).header('sipwhy-sample', 'true').send(payload);
  };
  app.get('/sample/*', { schema: { hide: true } }, answer);
  // A question, although it is posted: it changes nothing.
  app.post('/sample/check', { schema: { hide: true } }, answer);
}
