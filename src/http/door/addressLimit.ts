import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { parseAddress } from '../../core/trunks/address.ts';

/** How many addresses are remembered at once. */
const ADDRESSES = 10_000;

/**
 * Limits how often each address may do something: in a burst, and from then on at a rate. Its memory is bounded: a new
 * address displaces the one that was quiet for longest.
 */
export class AddressLimit {
  readonly #intervalMs: number;
  readonly #burst: number;
  readonly #addresses: number;
  /** When, on the monotonic clock, each address will have all of its burst again. In the order of the last use. */
  readonly #restedAt = new Map<string, number>();

  constructor(limit: { readonly perSecond: number; readonly burst: number }, addresses = ADDRESSES) {
    this.#intervalMs = 1000 / limit.perSecond;
    this.#burst = limit.burst;
    this.#addresses = addresses;
  }

  /** Takes one, and returns 0; or else the time in milliseconds until there is one to take. */
  take(address: string, now: number = performance.now()): number {
    const restedAt = Math.max(now, this.#restedAt.get(address) ?? now);
    const waitMs = restedAt - now - (this.#burst - 1) * this.#intervalMs;
    this.#restedAt.delete(address);
    this.#restedAt.set(address, waitMs > 0 ? restedAt : restedAt + this.#intervalMs);
    if (this.#restedAt.size > this.#addresses) {
      for (const [oldest] of this.#restedAt) {
        this.#restedAt.delete(oldest);
        break;
      }
    }
    return Math.max(0, waitMs);
  }
}

/** The address that a request is counted for. An IPv6 network of 64 bits counts as one, because one host has all of it. */
export function countedAddress({ socket }: FastifyRequest): string {
  return networkOf(socket.remoteAddress ?? '');
}

export function networkOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return isIPv6(address) ? `${parseAddress(address)?.bytes.slice(0, 8).join('.')}/64` : address;
}
