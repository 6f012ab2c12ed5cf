import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import type { Names } from '../../src/probe/hostNames.ts';

/** Records by type and name, for example `{ 'A sip.example': ['127.0.0.1'] }`. */
export type Records = Readonly<Record<string, readonly string[]>>;

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 28: 'AAAA', 33: 'SRV' };
const NAME_ERROR = 3;
const SERVER_FAILURE = 2;

/**
 * A DNS server on loopback, and how to ask it. An SRV record is `priority weight port target`. A question about a name
 * with no record gets a name error; one in `silent` gets nothing, one in `failing` a server failure.
 */
export async function startDns(
  records: Records,
  odd: { silent?: readonly string[]; failing?: readonly string[] } = {},
) {
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, type, end } = questionOf(query);
    const question = `${type} ${name}`;
    questions.push(question);
    if (odd.silent?.includes(question)) return;
    const isKnown = Object.keys(records).some((key) => key.endsWith(` ${name}`));
    const code = odd.failing?.includes(question) ? SERVER_FAILURE : isKnown ? 0 : NAME_ERROR;
    const answers = code === 0 ? (records[question] ?? []).map((value) => answerOf(type, value)) : [];
    const header = Buffer.from(query.subarray(0, 12));
    // A response, recursion desired and available, with one question.
    header.writeUInt16BE(0x8180 | code, 2);
    header.writeUInt16BE(answers.length, 6);
    header.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  return {
    questions,
    /** Names as this server knows them, with an empty hosts file unless one is given. */
    names:
      (hosts: Readonly<Record<string, string>> = {}) =>
      (): Names => {
        const resolver = new Resolver({ timeout: 200, tries: 2 });
        resolver.setServers([`127.0.0.1:${port}`]);
        return {
          resolveSrv: (name) => resolver.resolveSrv(name),
          resolve4: (name) => resolver.resolve4(name),
          resolve6: (name) => resolver.resolve6(name),
          lookup: async (name) => {
            if (hosts[name] !== undefined) return [hosts[name]];
            throw Object.assign(new Error('not in the hosts file'), { code: 'ENOTFOUND' });
          },
          cancel: () => resolver.cancel(),
        };
      },
    close: () => new Promise<void>((closed) => socket.close(() => closed())),
  };
}

function questionOf(query: Buffer): { name: string; type: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: TYPES[query.readUInt16BE(at + 1)] ?? 'other', end: at + 5 };
}

function answerOf(type: string, value: string): Buffer {
  const data = dataOf(type, value);
  const head = Buffer.alloc(12);
  // The name is that of the question, at byte 12.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(Number(Object.keys(TYPES).find((number) => TYPES[Number(number)] === type)), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function dataOf(type: string, value: string): Buffer {
  if (type === 'A') return Buffer.from(value.split('.').map(Number));
  // Only ::1 is needed.
  if (type === 'AAAA') return Buffer.concat([Buffer.alloc(15), Buffer.from([1])]);
  const [priority = '0', weight = '0', port = '0', target = ''] = value.split(' ');
  const numbers = Buffer.alloc(6);
  for (const [i, number] of [priority, weight, port].entries()) numbers.writeUInt16BE(Number(number), i * 2);
  const labels = target.split('.').filter(Boolean);
  return Buffer.concat([
    numbers,
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}
