import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { type Route, scaledRoute } from './scaled.ts';

const ALERTS = fileURLToPath(new URL('../../alerts/', import.meta.url));

/** A page as PagerDuty gets it, as far as the tests read it. */
export interface Page {
  readonly at: number;
  readonly event_action: 'trigger' | 'resolve';
  readonly dedup_key: string;
  readonly client_url?: string;
  readonly payload?: {
    readonly summary: string;
    readonly severity: string;
    readonly custom_details: Readonly<Record<string, string>>;
  };
}

/** A ticket as Slack gets it. */
export interface Ticket {
  readonly at: number;
  readonly attachments: readonly { readonly title: string; readonly text: string }[];
}

/** Stands in for PagerDuty and Slack. */
export async function startReceiver() {
  const pages: Page[] = [];
  const tickets: Ticket[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const at = Date.now();
    if (request.url === '/pagerduty') pages.push({ at, ...JSON.parse(body) });
    else tickets.push({ at, ...JSON.parse(body) });
    response.writeHead(request.url === '/pagerduty' ? 202 : 200, { 'content-type': 'application/json' });
    response.end('{"status":"success"}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // The cast is Node's own: a server on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    pages,
    tickets,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Example {
  templates: string[];
  route: Route;
  receivers: {
    pagerduty_configs?: { routing_key_file: string; url?: string }[];
    slack_configs?: { api_url_file: string }[];
  }[];
}

/**
 * The example configuration as it is, its waiting times divided by a factor, with its keys in files and a receiver in
 * the places of PagerDuty and Slack.
 */
export function exampleConfig(directory: string, receiverUrl: string, factor: number): string {
  const example = parse(readFileSync(join(ALERTS, 'alertmanager.example.yml'), 'utf8')) as Example;
  const keyFile = join(directory, 'pagerduty-routing-key');
  const urlFile = join(directory, 'slack-webhook-url');
  writeFileSync(keyFile, 'a-routing-key');
  writeFileSync(urlFile, `${receiverUrl}/slack`);
  for (const receiver of example.receivers) {
    for (const pagerduty of receiver.pagerduty_configs ?? []) {
      pagerduty.routing_key_file = keyFile;
      pagerduty.url = `${receiverUrl}/pagerduty`;
    }
    for (const slack of receiver.slack_configs ?? []) slack.api_url_file = urlFile;
  }
  const templates = example.templates.map((path) => join(ALERTS, path));
  return stringify({ ...example, templates, route: scaledRoute(example.route, factor) });
}
