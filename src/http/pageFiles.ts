import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyHelmetOptions, FastifyHelmetRouteOptions } from '@fastify/helmet';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify';
import { sendProblem } from './problem.ts';

export interface PageRoutes {
  /** The folder of the built page; it may not exist. */
  readonly folder: string;
  /** Hooks that may refuse a request. */
  readonly guards?: readonly onRequestAsyncHookHandler[];
}

const SHELL = 'index.html';

/** The page: a shell without data, which needs no token, and its assets. The data comes from the API. */
export async function pageRoutes(app: FastifyInstance, { folder, guards = [] }: PageRoutes): Promise<void> {
  await app.register(helmet, SECURITY_HEADERS);
  for (const guard of guards) app.addHook('onRequest', guard);
  if (!existsSync(join(folder, SHELL))) {
    app.get('/', PAGE_HEADERS, async (_request, reply) =>
      sendProblem(
        reply,
        503,
        'page_not_built',
        'The page isn’t built. Run `npm ci && npm run build` in the checkout, or install the package, then restart sipwhy.',
      ),
    );
    return;
  }
  await app.register(files, {
    root: folder,
    // One route per file, so nothing else is served.
    wildcard: false,
    globIgnore: [SHELL, '**/*.{br,gz,tmp}'],
    preCompressed: true,
    acceptRanges: false,
    // Assets are named by their content, so they never change under a name.
    maxAge: '1y',
    immutable: true,
  });
  app.get('/', PAGE_HEADERS, async (_request, reply) => {
    reply.header('cache-control', 'no-cache');
    // Size and time can't tell versions apart: a reproducible image has the same ones for every version.
    return reply.sendFile(SHELL, { cacheControl: false, etag: false, lastModified: false });
  });
}

/**
 * Security headers of the API and the page. None of them needs HTTPS: the service itself speaks plain HTTP, and a
 * browser that remembered HSTS for its host could no longer reach it.
 */
export const SECURITY_HEADERS: FastifyHelmetOptions = {
  contentSecurityPolicy: false,
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
};

/** The page may only run its own files and call its own origin, and no text can become code. */
const PAGE_HEADERS: FastifyHelmetRouteOptions = {
  helmet: {
    contentSecurityPolicy: {
      // The defaults have upgrade-insecure-requests.
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ["'none'"],
      },
    },
  },
};
