import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyHelmetOptions, FastifyHelmetRouteOptions } from '@fastify/helmet';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problem.ts';

export interface PageRoutes {
  /** The folder into which the page was built, if it was. */
  readonly folder: string;
}

const SHELL = 'index.html';

/** The page: a shell, which holds no data and needs no token, and its assets. Data comes from the API. */
export async function pageRoutes(app: FastifyInstance, { folder }: PageRoutes): Promise<void> {
  if (!existsSync(join(folder, SHELL))) {
    app.get('/', async (_request, reply) =>
      sendProblem(reply, 503, 'page_not_built', 'The page is not built: run `npm run build`, then start again.'),
    );
    return;
  }
  await app.register(helmet, SECURITY_HEADERS);
  await app.register(files, {
    root: folder,
    // A route for each file, and none for anything else.
    wildcard: false,
    globIgnore: [SHELL, '**/*.{br,gz,tmp}'],
    preCompressed: true,
    acceptRanges: false,
    // Assets are named by their content: under such a name there is never another.
    maxAge: '1y',
    immutable: true,
  });
  app.get('/', PAGE_HEADERS, async (_request, reply) => {
    reply.header('cache-control', 'no-cache');
    // Size and time are no validator here: a reproducible image gives them to every version alike.
    return reply.sendFile(SHELL, { cacheControl: false, etag: false, lastModified: false });
  });
}

/**
 * What browsers are told of every answer of the API and the page. Nothing that supposes HTTPS: the service itself speaks
 * plain HTTP, and a browser that remembers HSTS for the host would not find it any more.
 */
export const SECURITY_HEADERS: FastifyHelmetOptions = {
  contentSecurityPolicy: false,
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
};

/** The page runs its own files and talks to its own origin, and no text may become code in it. */
export const PAGE_HEADERS: FastifyHelmetRouteOptions = {
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
