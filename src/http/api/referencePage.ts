import helmet from '@fastify/helmet';
import swagger, { type StaticDocumentSpec } from '@fastify/swagger';
import Fastify, { type FastifyInstance, type onRequestAsyncHookHandler } from 'fastify';
import { SECURITY_HEADERS } from '../pageFiles.ts';
import { notFound } from '../problem.ts';

/** The page may only run its own files and call its own origin. Its parts set styles themselves. */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': ["'self'", "'unsafe-inline'"],
  'connect-src': "'self'",
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'data:'],
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
};

const PREFIX = '/api';
/** The routes of Swagger UI. */
const PATHS = ['', '/', '/json', '/yaml', '/static/*'].map((path) => `${PREFIX}${path}`);
/** Headers of a connection, which the outer answer has too. */
const OF_CONNECTION: ReadonlySet<string> = new Set(['connection', 'content-length', 'date', 'transfer-encoding']);

/** `/api`: what `describeApi` describes, for people. It has no data, so it needs no token. */
export async function referencePage(
  app: FastifyInstance,
  { guards }: { readonly guards: readonly onRequestAsyncHookHandler[] },
): Promise<void> {
  await app.register(helmet, SECURITY_HEADERS);
  for (const guard of guards) app.addHook('onRequest', guard);
  // Made for the first reader: it takes 3 MB, and most services have none.
  let made: Promise<FastifyInstance> | undefined;
  for (const path of PATHS) {
    app.get(path, async ({ url, headers: asked }, reply) => {
      // The cast: swagger's types don't know its own description as one.
      made ??= swaggerUi(app.swagger() as StaticDocumentSpec['document']).catch((error) => {
        // The next reader tries again.
        made = undefined;
        throw error;
      });
      const { statusCode, headers, rawPayload } = await (await made).inject({ url, headers: asked });
      const own = Object.entries(headers).filter(([name]) => !OF_CONNECTION.has(name));
      return reply
        .code(statusCode)
        .headers(Object.fromEntries(own))
        .send(rawPayload.length > 0 ? rawPayload : undefined);
    });
  }
}

/** A server that never listens. */
async function swaggerUi(document: StaticDocumentSpec['document']): Promise<FastifyInstance> {
  const app = Fastify();
  app.setNotFoundHandler(notFound);
  await app.register(swagger, { mode: 'static', specification: { document } });
  await app.register((await import('@fastify/swagger-ui')).default, {
    routePrefix: PREFIX,
    staticCSP: POLICY,
    theme: { title: 'sipwhy: the API' },
    uiConfig: { docExpansion: 'list', defaultModelsExpandDepth: 0, displayRequestDuration: true },
  });
  await app.ready();
  return app;
}
