import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../problem.ts';
import { AddressLimit, countedAddress } from './addressLimit.ts';
import { isForwarded } from './origins.ts';
import type { Sessions } from './sessions.ts';

/** A door that a token opens. */
export type Door = 'api' | 'session' | 'metrics';
export type AuthFailure = 'missing' | 'wrong';

export interface LockRules {
  readonly door: Door;
  /** `undefined` if none is configured: then only requests from this machine pass, unless others may, too. */
  readonly token: string | undefined;
  /** Name of the setting that holds the token. */
  readonly setting: string;
  readonly isOpenToAll: boolean;
  readonly sessions?: Sessions | undefined;
}

/** Wrong tokens of an address that are answered at once: people mistype. */
const WRONG_AT_ONCE = { perSecond: 0.1, burst: 5 };
/** How long, in milliseconds, the answer to any more takes. */
const WRONG_DELAY_MS = 500;
/** How many wrong tokens, of all addresses, may wait for their answer. */
const WAITING_AT_MOST = 256;

/**
 * Slows down whoever guesses tokens. A right token is never delayed: behind a proxy, all have one address, and a guesser
 * must not lock out the others.
 */
export class WrongTokens {
  readonly #limit = new AddressLimit(WRONG_AT_ONCE);
  readonly #onFailure: (door: Door, failure: AuthFailure, address: string) => void;
  readonly #wait: (milliseconds: number) => Promise<unknown>;
  #waiting = 0;

  constructor(
    onFailure: (door: Door, failure: AuthFailure, address: string) => void,
    wait: (milliseconds: number) => Promise<unknown> = setTimeout,
  ) {
    this.#onFailure = onFailure;
    this.#wait = wait;
  }

  /** Counts a request without a token. It guesses nothing, so it isn't delayed. */
  missing(door: Door, request: FastifyRequest): void {
    this.#onFailure(door, 'missing', countedAddress(request));
  }

  /** Counts a wrong token. Resolves when it may be answered; to false if too many wait, so that it gets a 429. */
  async wrong(door: Door, request: FastifyRequest): Promise<boolean> {
    const address = countedAddress(request);
    this.#onFailure(door, 'wrong', address);
    if (this.#limit.take(address) === 0) return true;
    if (this.#waiting >= WAITING_AT_MOST) return false;
    this.#waiting += 1;
    await this.#wait(WRONG_DELAY_MS);
    this.#waiting -= 1;
    return true;
  }
}

/** A hook that answers every request that may not pass. */
export function lock(rules: LockRules, wrongTokens: WrongTokens) {
  const { door, token, setting } = rules;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (token === undefined) {
      if (rules.isOpenToAll || !isForwarded(request)) return;
      wrongTokens.missing(door, request);
      const detail = `A proxy passed this request on, and ${setting} isn’t set. Set it, or set ALLOW_OPEN_API=true if the proxy checks who reads.`;
      await sendProblem(reply, 401, 'no_token_set', detail);
      return;
    }
    if (rules.sessions?.has(request)) return;
    const sent = /^Bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (isSameToken(sent, token)) return;
    if (sent === undefined) wrongTokens.missing(door, request);
    else if (!(await wrongTokens.wrong(door, request))) {
      await tooManyWrong(reply);
      return;
    }
    reply.header('www-authenticate', 'Bearer');
    await sendProblem(reply, 401, 'missing_token', `The token is missing or wrong. Send ${setting} as a Bearer token.`);
  };
}

export async function tooManyWrong(reply: FastifyReply): Promise<void> {
  reply.header('retry-after', '1');
  await sendProblem(reply, 429, 'too_many_wrong_tokens', 'The token is wrong, and so are too many others.');
}

export function isSameToken(sent: string | undefined, token: string): boolean {
  if (sent === undefined) return false;
  // Equal-length digests make the comparison constant in time.
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(sent), digest(token));
}
