import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

const COOKIE = 'sipwhy_session';
const VALID_SECONDS = 24 * 60 * 60;

/**
 * The sessions of people who signed in to the page. A session is the time of its end and a digest of it, which only a
 * holder of API_TOKEN can make. So nothing is stored, every replica accepts it, and a new API_TOKEN ends all of them.
 */
export class Sessions {
  readonly #key: Buffer;
  readonly #now: () => number;

  /** `now` in epoch milliseconds. */
  constructor(apiToken: string, now: () => number) {
    // A key of its own: nothing that the token may sign later can be taken for a session.
    this.#key = createHmac('sha256', apiToken).update('sipwhy session').digest();
    this.#now = now;
  }

  /** The Set-Cookie header that begins a session. */
  begin(request: FastifyRequest): string {
    const end = String(Math.floor(this.#now() / 1000) + VALID_SECONDS);
    return cookie(request, `${end}.${this.#digest(end).toString('base64url')}`, VALID_SECONDS);
  }

  /** Whether the request belongs to a session that has not ended. */
  has({ headers }: FastifyRequest): boolean {
    const [, end = '', digest = ''] =
      /(?:^|;\s*)sipwhy_session=(\d{1,12})\.([\w-]{43})(?:;|$)/.exec(headers.cookie ?? '') ?? [];
    if (end === '') return false;
    return timingSafeEqual(Buffer.from(digest, 'base64url'), this.#digest(end)) && Number(end) * 1000 > this.#now();
  }

  #digest(end: string): Buffer {
    return createHmac('sha256', this.#key).update(end).digest();
  }
}

/** The Set-Cookie header that ends a session. */
export function endOfSession(request: FastifyRequest): string {
  return cookie(request, '', 0);
}

function cookie({ headers }: FastifyRequest, value: string, seconds: number): string {
  // sipwhy speaks plain HTTP. Over it, browsers would not keep a Secure cookie.
  const secure = headers['x-forwarded-proto'] === 'https' ? '; Secure' : '';
  return `${COOKIE}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}
