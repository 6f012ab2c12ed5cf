import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Place, postgresSchema } from '../store/schema/databases.ts';

/** A PostgreSQL for the attacks of an area, made when it is first asked for. */
export class SharedPostgres {
  #place: Promise<Place> | undefined;
  #journal: string | undefined;

  async settings(): Promise<Record<string, string>> {
    this.#place ??= postgresSchema();
    this.#journal ??= mkdtempSync(join(tmpdir(), 'sipwhy-journal-'));
    return { DATABASE_URL: (await this.#place).url, JOURNAL_DIR: this.#journal };
  }

  async remove(): Promise<void> {
    await (await this.#place)?.remove();
    if (this.#journal) rmSync(this.#journal, { recursive: true, force: true });
  }
}

export const sharedPostgres = new SharedPostgres();

/** What stands between the service and PostgreSQL. */
export type Weather = 'fine' | 'slow' | 'silent' | 'garbage' | 'refusing' | 'resetting';

/** A PostgreSQL of its own behind a proxy that can spoil the connection. */
export async function spoiltPostgres() {
  const place = await postgresSchema();
  const { hostname, port } = new URL(place.url);
  const sockets = new Set<Socket>();
  let weather: Weather = 'fine';
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const pass = (from: Socket, to: Socket) =>
    from.on('data', (data) => {
      if (weather === 'silent' || to.destroyed) return;
      if (weather === 'garbage') to.write('garbage'.repeat(50));
      else if (weather === 'slow') setTimeout(() => to.destroyed || to.write(data), 200);
      else to.write(data);
    });
  const proxy = createServer((client) => {
    if (weather === 'refusing') {
      client.destroy();
      return;
    }
    const server = connect(Number(port || 5432), hostname);
    pass(client, server);
    pass(server, client);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    if (weather === 'resetting') setTimeout(destroyAll, 50);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const url = new URL(place.url);
  url.host = `127.0.0.1:${(proxy.address() as { port: number }).port}`;
  return {
    url: url.href,
    set(next: Weather) {
      weather = next;
      if (next === 'refusing' || next === 'resetting' || next === 'fine') destroyAll();
    },
    async remove() {
      proxy.close();
      destroyAll();
      await place.remove();
    },
  };
}
