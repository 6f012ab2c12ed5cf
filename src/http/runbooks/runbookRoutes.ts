import { readFile } from 'node:fs/promises';
import helmet from '@fastify/helmet';
import type { FastifyInstance, FastifyReply, onRequestAsyncHookHandler } from 'fastify';
import { pause } from '../../loop/slices.ts';
import { SECURITY_HEADERS } from '../pageFiles.ts';
import { Documents } from './documents.ts';
import { RUNBOOK_HEADERS, shellOf } from './runbookShell.ts';

export interface RunbookRoutes {
  /** The folder of the documentation. */
  readonly folder: string;
  /** Hooks that may refuse a request. */
  readonly guards?: readonly onRequestAsyncHookHandler[];
}

/** `/runbooks/`: what sipwhy's documentation says of alerts, causes and findings. It has no data, so it needs no token. */
export async function runbookRoutes(app: FastifyInstance, { folder, guards = [] }: RunbookRoutes): Promise<void> {
  await app.register(helmet, SECURITY_HEADERS);
  for (const guard of guards) app.addHook('onRequest', guard);
  let opened: Documents | undefined;
  const documents = () => {
    opened ??= new Documents(folder);
    return opened;
  };
  /** Pages that were asked for, by name. There are as many as documents. */
  const pages = new Map<string, Promise<string>>();
  const pageOf = (name: string, make: () => Promise<string>) => {
    const page = pages.get(name) ?? make();
    pages.set(name, page);
    page.catch(() => pages.delete(name));
    return page;
  };
  const list = () => pageOf('', () => listOf(documents()));

  // The path stays relative: a proxy may serve it under a prefix.
  app.get('/runbooks', async (_request, reply) => reply.redirect('runbooks/', 301));
  app.get('/runbooks/', RUNBOOK_HEADERS, async (_request, reply) => {
    asHtml(reply);
    return shellOf('Runbooks', `<h1>Runbooks</h1>\n${await list()}`);
  });
  app.get<{ Params: { name: string } }>('/runbooks/:name', RUNBOOK_HEADERS, async ({ params }, reply) => {
    asHtml(reply);
    // The files end in .md, and so do links to them.
    const name = params.name.replace(/\.md$/, '');
    const file = documents().fileOf(name);
    if (file !== undefined) return pageOf(name, async () => shellOf(name, await render(documents(), file)));
    reply.code(404);
    return shellOf('No such runbook', `<h1>There is no such runbook</h1>\n<p>These are all:</p>\n${await list()}`);
  });
}

function asHtml(reply: FastifyReply): void {
  reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache');
}

async function listOf(documents: Documents): Promise<string> {
  const alerts = documents.namesIn('runbooks').map((name) => `<li><a href="${name}">${name}</a></li>\n`);
  const causes = await render(documents, 'causes/README.md', '##');
  const findings = await render(documents, 'findings/README.md', '##');
  return `<h2 id="runbooks">Alerts</h2>\n<ul class="names">\n${alerts.join('')}</ul>\n${causes}${findings}`;
}

async function render(documents: Documents, file: string, heading = '#'): Promise<string> {
  // The library is loaded when the first page is asked for.
  const { htmlOf } = await import('./markdownHtml.ts');
  const text = await readFile(documents.pathOf(file), 'utf8');
  await pause();
  return htmlOf(text.replace(/^# /m, `${heading} `), (link) => documents.routeOf(file, link));
}
