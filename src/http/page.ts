import type { FastifyInstance } from 'fastify';
import { CONTENT_SECURITY_POLICY } from '../explain/page.ts';
import { hasPassword } from './token.ts';

export interface PageRoutes {
  readonly apiToken: string | undefined;
  /** The HTML of a view; the query as it stands in the address. */
  render(query: URLSearchParams): Promise<string>;
}

/** The page. With API_TOKEN set the browser asks for it, as the password of any user, and keeps it for its session. */
export async function pageRoutes(app: FastifyInstance, routes: PageRoutes): Promise<void> {
  app.get('/', async (request, reply) => {
    if (!hasPassword(request, routes.apiToken)) {
      return reply
        .code(401)
        .header('www-authenticate', 'Basic realm="sipwhy: any user, API_TOKEN as the password"')
        .type('text/plain')
        .send('Give API_TOKEN as the password.\n');
    }
    const html = await routes.render(new URL(request.url, 'http://sipwhy').searchParams);
    return reply
      .headers({
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      })
      .type('text/html; charset=utf-8')
      .send(html);
  });
}
