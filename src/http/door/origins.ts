import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../problem.ts';

/** Which names the service answers to. */
export interface HostPolicy {
  /** Whether it listens on loopback, where a browser on the same machine is the only client to expect. */
  readonly isLoopback: boolean;
  /** More names, in lower case and without ports. */
  readonly hostNames: readonly string[];
}

/** Routes for an orchestrator, which may ask by any name. They show no data. */
const OPEN_TO_ANY_HOST: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/**
 * Refuses a request for a name that is not the service's. A website can have its own name resolve to loopback (DNS
 * rebinding). The visitor's browser then counts the service as part of that website, but it still sends the website's
 * name as Host.
 */
export function refuseForeignHosts(policy: HostPolicy, onRefused: (host: string) => void) {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    // Other origins may not load any answer as an image or a script.
    reply.header('cross-origin-resource-policy', 'same-origin');
    if (isAmbiguous(request.raw)) {
      sendProblem(reply, 400, 'invalid', 'The request must be of HTTP/1.0 or later and have one Host header.');
      return;
    }
    const { host } = request.headers;
    // Browsers always send a Host. Without one, the request is of HTTP/1.0.
    if (host === undefined || OPEN_TO_ANY_HOST.has(request.url) || isOwnHost(policy, host)) {
      done();
      return;
    }
    onRefused(host);
    const detail = `sipwhy doesn’t answer to the name ${JSON.stringify(host)}. If it is a name of sipwhy or of a proxy in front of it, add it to ALLOWED_HOSTS.`;
    sendProblem(reply, 421, 'foreign_host', detail);
  };
}

/** Node takes the first of two Hosts, and a proxy in front may have taken the other. */
function isAmbiguous({ rawHeaders, httpVersionMajor }: IncomingMessage): boolean {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1 || httpVersionMajor < 1;
}

export function isOwnHost({ isLoopback, hostNames }: HostPolicy, host: string): boolean {
  if (!isLoopback && hostNames.length === 0) return true;
  const name = host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1');
  if (name === 'localhost' || name === '::1' || hostNames.includes(name)) return true;
  if (isIP(name) === 4 && name.startsWith('127.')) return true;
  // A website has a name, so an address is not the name of one.
  return !isLoopback && isIP(name) !== 0;
}

/**
 * Refuses requests that the page of another website has a browser send. Browsers tell where a request comes from, and
 * no script can change what they tell. Jambonz, LiveKit and Prometheus are no browsers, and say nothing of it.
 */
export function refuseForeignPages(hostNames: readonly string[], onRefused: () => void) {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    if (!isFromForeignPage(request.headers, hostNames)) {
      done();
      return;
    }
    onRefused();
    sendProblem(reply, 403, 'foreign_origin', 'Pages of other websites may not send requests to sipwhy.');
  };
}

function isFromForeignPage(headers: FastifyRequest['headers'], hostNames: readonly string[]): boolean {
  const { origin, host = '' } = headers;
  const site = headers['sec-fetch-site'];
  // `none`: the user typed the address. `same-site` is another name or port, so another website.
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  if (origin === undefined) return false;
  // The scheme is left out: a proxy may take HTTPS, and ask sipwhy by HTTP.
  const from = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase();
  return from === undefined || (from !== host.toLowerCase() && !hostNames.includes(from.replace(/:\d+$/, '')));
}

const FORWARDING_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'] as const;

/** Whether a proxy passed the request on, so that it may come from another machine although the connection does not. */
export function isForwarded({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return FORWARDING_HEADERS.some((name) => headers[name] !== undefined);
}
