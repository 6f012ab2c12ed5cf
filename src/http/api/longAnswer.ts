import type { FastifyReply } from 'fastify';
import { mapInSlices } from '../../loop/slices.ts';

/** Sends an object with long lists as JSON. Other requests are answered in between, because megabytes of it take a while. */
export async function sendLong(reply: FastifyReply, body: object): Promise<FastifyReply> {
  const parts: Buffer[] = [];
  for (const [key, value] of Object.entries(body)) {
    parts.push(Buffer.from(`${parts.length === 0 ? '{' : ','}${JSON.stringify(key)}:`));
    if (Array.isArray(value)) parts.push(...(await partsOfList(value)));
    else parts.push(Buffer.from(JSON.stringify(value)));
  }
  return reply.type('application/json; charset=utf-8').send(Buffer.concat([...parts, Buffer.from('}')]));
}

async function partsOfList(list: readonly unknown[]): Promise<Buffer[]> {
  const entries = await mapInSlices(list, (entry) => Buffer.from(`${JSON.stringify(entry)},`));
  // The last comma.
  const last = entries.pop()?.subarray(0, -1) ?? Buffer.of();
  return [Buffer.from('['), ...entries, last, Buffer.from(']')];
}
