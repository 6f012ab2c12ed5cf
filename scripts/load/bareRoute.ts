import { createHmac, timingSafeEqual } from 'node:crypto';
import { parseArgs } from 'node:util';
import Fastify from 'fastify';
import { GroupedFile } from './groupedFile.ts';

// The least that a webhook's route must do: verify the signature, parse the JSON, answer 204. With --log, the body is
// in a file and synced before the answer. A process of its own: node bareRoute.ts --port PORT [--log FILE], with the
// secret in JAMBONZ_WEBHOOK_SECRET.

const { values } = parseArgs({ options: { port: { type: 'string' }, log: { type: 'string' } } });
const secret = process.env.JAMBONZ_WEBHOOK_SECRET ?? '';
const log = values.log === undefined ? undefined : await GroupedFile.open(values.log);

const server = Fastify();
server.removeContentTypeParser('application/json');
server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
server.get('/readyz', (_request, reply) => reply.code(204).send());
server.post<{ Body: Buffer }>('/jambonz/:hook', async ({ headers, body }, reply) => {
  if (!isSigned(body, headers['jambonz-signature'])) return reply.code(401).send();
  const parsed: unknown = JSON.parse(body.toString());
  if (typeof parsed !== 'object' || parsed === null) return reply.code(400).send();
  await log?.append(body);
  return reply.code(204).send();
});
await server.listen({ host: '127.0.0.1', port: Number(values.port) });

function isSigned(body: Buffer, header: string | string[] | undefined): boolean {
  const [, seconds, digest] = /^t=(\d+),v1=([\da-f]{64})$/.exec(String(header)) ?? [];
  if (seconds === undefined || digest === undefined) return false;
  const expected = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(digest, 'hex'));
}
