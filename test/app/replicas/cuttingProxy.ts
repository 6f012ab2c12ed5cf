import { connect, createServer, type Socket } from 'node:net';

/** A way to PostgreSQL on which a connection can be cut at the end of a transaction. */
export async function cuttingProxy(to: string) {
  const target = new URL(to);
  let cut: 'before' | 'after' | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const postgres = connect(Number(target.port || 5432), target.hostname);
    const end = () => {
      client.destroy();
      postgres.destroy();
    };
    let isAnswerCut = false;
    for (const socket of [client, postgres]) {
      sockets.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.on('data', (bytes) => {
      const isCut = cut !== undefined && bytes.includes('COMMIT\0');
      if (isCut && cut === 'before') end();
      else postgres.write(bytes);
      isAnswerCut ||= isCut;
      if (isCut) cut = undefined;
    });
    postgres.on('data', (bytes) => (isAnswerCut ? end() : client.write(bytes)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const url = new URL(to);
  url.hostname = '127.0.0.1';
  url.port = `${address.port}`;
  return {
    url: url.href,
    /** Cuts the next connection that commits: before PostgreSQL is told to, or after it has, without its answer. */
    cutAtCommit(when: 'before' | 'after') {
      cut = when;
    },
    /** Whether it is still to cut one. */
    isWaiting: () => cut !== undefined,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
