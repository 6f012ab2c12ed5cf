import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INSTALLED = '/usr/lib/postgresql';

/** A PostgreSQL server of the test's own, which may be stopped: the machine's serves other tests too. */
export async function ownPostgres() {
  const newest = readdirSync(INSTALLED).toSorted((a, b) => Number(b) - Number(a))[0] ?? '';
  const directory = mkdtempSync(join(tmpdir(), 'sipwhy-postgres-'));
  // PostgreSQL refuses to run as root.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    const [uid, gid] = ['-u', '-g'].map((what) => Number(execFileSync('id', [what, 'postgres'])));
    chownSync(directory, uid ?? 0, gid ?? 0);
  }
  const run = (program: string, ...args: string[]) => {
    const command = [join(INSTALLED, newest, 'bin', program), '-D', join(directory, 'data'), ...args];
    const as = isRoot ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'] : [];
    const [first = '', ...rest] = [...as, ...command];
    execFileSync(first, rest, { stdio: 'ignore', cwd: directory });
  };
  const port = await freePort();
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''`;
  const start = () => run('pg_ctl', '-w', '-o', options, '-l', join(directory, 'log'), 'start');
  /** As a crash: connections break, nothing is tidied up. */
  const stop = () => run('pg_ctl', '-m', 'immediate', 'stop');
  run('initdb', '-A', 'trust', '-U', 'postgres');
  start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start,
    stop,
    remove() {
      stop();
      rmSync(directory, { recursive: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
