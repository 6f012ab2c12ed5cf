import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Whether the request carries the Bearer token; always, where none is configured. */
export function hasToken(request: FastifyRequest, token: string | undefined): boolean {
  return isSame(/^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1], token);
}

/** The same for a browser, which asks its user for a name and a password; only the password counts. */
export function hasPassword(request: FastifyRequest, token: string | undefined): boolean {
  const encoded = /^Basic +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const sent = encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString();
  return isSame(sent?.slice(sent.indexOf(':') + 1), token);
}

function isSame(sent: string | undefined, token: string | undefined): boolean {
  if (token === undefined) return true;
  if (sent === undefined) return false;
  // Equal-length digests make the comparison constant in time.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(sent), digest(token));
}
