import { connect, createServer, type Socket } from 'node:net';

/** A way to PostgreSQL that can be cut, since the real one serves other tests too. */
export async function cuttableWay(host: string, port: number) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, host);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  const listen = (on: number) => new Promise<void>((resolve) => server.listen(on, '127.0.0.1', () => resolve()));
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    host: `127.0.0.1:${address.port}`,
    /** Breaks the connections, and refuses new ones. */
    cut,
    mend: () => listen(address.port),
    close: () => (server.listening ? cut() : Promise.resolve()),
  };
}
