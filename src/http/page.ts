import { existsSync } from 'node:fs';
import { join } from 'node:path';
import helmet from '@fastify/helmet';
import files from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { sendProblem } from './problem.ts';
import { PAGE_HEADERS, SECURITY_HEADERS } from './securityHeaders.ts';

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
