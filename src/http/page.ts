import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PageFile, PageFiles } from './pageFiles.ts';
import { sendProblem } from './problem.ts';

export interface PageRoutes {
  /** `undefined` where the page was not built. */
  readonly files: PageFiles | undefined;
}

/** The page runs its own files and talks to its own origin, and no text may become code in it. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The page: a shell, which holds no data and needs no token, and its assets. Data comes from the API. */
export async function pageRoutes(app: FastifyInstance, { files }: PageRoutes): Promise<void> {
  app.get('/', async (request, reply) => {
    if (!files) {
      return sendProblem(reply, 503, 'page_not_built', 'The page is not built: run `npm run build`, then start again.');
    }
    reply.headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-cache',
    });
    return sendFile(request, reply, files.shell);
  });
  app.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
    const file = files?.assets.get(request.params.name);
    if (!file) return reply.callNotFound();
    // Named by its content: under this name there is never another.
    reply.header('cache-control', 'public, max-age=31536000, immutable');
    return sendFile(request, reply, file);
  });
}

/** Sends a file in the best encoding that the browser takes, or 304 where it has it. */
function sendFile(request: FastifyRequest, reply: FastifyReply, { type, etag, bodies }: PageFile): FastifyReply {
  const accepted = request.headers['accept-encoding'] ?? '';
  const encoding = (['br', 'gzip'] as const).find((name) => takes(accepted, name)) ?? 'identity';
  const tag = `"${etag}-${encoding}"`;
  reply.headers({ vary: 'accept-encoding', etag: tag, 'x-content-type-options': 'nosniff' });
  if (request.headers['if-none-match']?.split(/\s*,\s*/).some((known) => known.replace(/^W\//, '') === tag)) {
    return reply.code(304).send();
  }
  if (encoding !== 'identity') reply.header('content-encoding', encoding);
  return reply.type(type).send(bodies[encoding]);
}

/** Whether an Accept-Encoding header names an encoding, and not with `q=0`. */
function takes(accepted: string | readonly string[], encoding: string): boolean {
  return String(accepted)
    .split(',')
    .some((part) => {
      const [name, ...parameters] = part.toLowerCase().split(';');
      return name?.trim() === encoding && !parameters.some((parameter) => /^\s*q=0(\.0*)?\s*$/.test(parameter));
    });
}
