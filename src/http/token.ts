import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Whether the request carries the Bearer token; always, where none is configured. */
export function hasToken(request: FastifyRequest, token: string | undefined): boolean {
  return isSame(/^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1], token);
}

function isSame(sent: string | undefined, token: string | undefined): boolean {
  if (token === undefined) return true;
  if (sent === undefined) return false;
  // Equal-length digests make the comparison constant in time.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(sent), digest(token));
}
