import helmet from '@fastify/helmet';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import { SECURITY_HEADERS } from '../pageFiles.ts';

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

/** `/api`: what `describeApi` describes, for people. It has no data, so it needs no token. */
export async function referencePage(
  app: FastifyInstance,
  { guards }: { readonly guards: readonly onRequestAsyncHookHandler[] },
): Promise<void> {
  await app.register(helmet, SECURITY_HEADERS);
  for (const guard of guards) app.addHook('onRequest', guard);
  await app.register(swaggerUi, {
    routePrefix: '/api',
    staticCSP: POLICY,
    theme: { title: 'sipwhy: the API' },
    uiConfig: { docExpansion: 'list', defaultModelsExpandDepth: 0, displayRequestDuration: true },
  });
}
