import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from '../problem.ts';
import { AddressLimit, countedAddress } from './addressLimit.ts';

/** More than any page, person or scraper reads, also behind a proxy where many have one address. */
const READS = { perSecond: 100, burst: 300 };

/** A hook that answers the reads of an address beyond the limit with 429. Webhooks have no limit. */
export function limitReads(onRefused: () => void, reads = READS) {
  const limit = new AddressLimit(reads);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const waitMs = limit.take(countedAddress(request));
    if (waitMs === 0) return;
    onRefused();
    reply.header('retry-after', String(Math.ceil(waitMs / 1000)));
    const detail = `More than ${reads.perSecond} requests a second came from this address. Retry later.`;
    await sendProblem(reply, 429, 'too_many_requests', detail);
  };
}
