import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { startService } from '../app/service.ts';
import { json, startApplication } from '../forward/fakeApplication.ts';
import { hasEnded, type Process, startReady, until } from './serviceProcess.ts';

/** In bytes; with what the kernels of both ends keep, a reader who does not read lets this much pass. */
const MORE_THAN_KERNELS_KEEP = 16 * 1024 * 1024;
/** How many reads of one address are answered at once; what is more gets a 429. */
const READS_AT_ONCE = 300;

const connectTo = ({ url }: Process) => {
  const { hostname, port } = new URL(url);
  // The service resets what it cuts off.
  return connect(Number(port), hostname).on('error', () => {});
};

/** How many bytes the service's kernel keeps for a reader whose own kernel takes no more. */
function unsentBytes({ localPort = 0, remotePort = 0 }: Socket): number {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  const connection = new RegExp(`:${hex(remotePort)} [0-9A-F]+:${hex(localPort)} [0-9A-F]+ ([0-9A-F]+):[0-9A-F]+`);
  return Number.parseInt(connection.exec(readFileSync('/proc/net/tcp', 'utf8'))?.[1] ?? '0', 16);
}

const status = (callSid: string, more: object = {}) =>
  JSON.stringify({ call_sid: callSid, direction: 'inbound', call_status: 'trying', sip_status: 100, ...more });

describe('a service that is told to stop', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
  });
  after(() => rm(directory, { recursive: true }));

  it('says first that it is not ready, takes what still comes, and ends with 0', async () => {
    const path = join(directory, 'leaving.db');
    const service = await startReady({ DATABASE_URL: path, SHUTDOWN_WAIT_SECONDS: '3' });
    const ready = async () => (await fetch(`${service.url}/readyz`)).status;
    const ended = once(service.child, 'exit');
    service.child.kill('SIGTERM');
    await until('it is not ready', async () => (await ready()) === 503);
    const answer = await fetch(`${service.url}/jambonz/call-status`, { method: 'POST', body: status('late') });
    assert.equal(answer.status, 204);
    assert.deepEqual(await ended, [0, null]);
    const db = new DatabaseSync(path);
    assert.equal(db.prepare('SELECT COUNT(*) AS n FROM events').get()?.n, 1);
    db.close();
    assert.match(service.log(), /"msg":"stopped"/);
  });

  it('finishes the request that is under way', async () => {
    const service = await startReady({ DATABASE_URL: join(directory, 'under-way.db') });
    const body = status('half');
    const { hostname, port } = new URL(service.url);
    // As Jambonz does, the sender keeps the connection for further requests.
    const agent = new Agent({ keepAlive: true });
    const half = request({ hostname, port, path: '/jambonz/call-status', method: 'POST', agent });
    half.setHeader('content-length', body.length);
    half.write(body.slice(0, 10));
    // A further request on another connection shows that the first one was read.
    assert.equal((await fetch(`${service.url}/healthz`)).status, 200);
    const ended = once(service.child, 'exit');
    service.child.kill('SIGTERM');
    await until('it stops', () => service.log().includes('stopping; another signal'));
    half.end(body.slice(10));
    const [response] = await once(half, 'response');
    assert.equal(response.statusCode, 204);
    response.resume();
    assert.deepEqual(await ended, [0, null]);
    agent.destroy();
    assert.doesNotMatch(service.log(), /did not finish in time/, 'it waits for a connection that is idle');
  });

  it('waits for no sender who never ends', async () => {
    const service = await startReady({ DATABASE_URL: join(directory, 'sender.db') });
    const sender = connectTo(service);
    sender.write('POST /jambonz/call-status HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"call_sid"');
    // Answers to others show that it was read.
    for (let i = 0; i < 3; i += 1) assert.equal((await fetch(`${service.url}/healthz`)).status, 200);
    assert.equal(await service.end('SIGTERM'), 0);
    assert.match(service.log(), /some requests did not finish in time: closing their connections/);
    sender.destroy();
  });

  // Whether it says so depends on the kernel: if the last answer just fits into what that keeps, none is under way.
  it('waits for no reader who never reads', async () => {
    const service = await startReady({ DATABASE_URL: join(directory, 'reader.db') });
    const { length } = await (await fetch(`${service.url}/metrics`)).text();
    const reader = connectTo(service);
    reader.pause();
    // So few bytes that the service reads all of them at once, and has that many answers pending.
    const count = Math.ceil(MORE_THAN_KERNELS_KEEP / length);
    assert.ok(count < READS_AT_ONCE, `${count} requests`);
    const requests = 'GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(count);
    assert.ok(requests.length < 16_384, `${requests.length} bytes`);
    reader.write(requests);
    // Until then, the service is still making answers, and would close the connection between two of them.
    await until('no more fits', async () => {
      const before = unsentBytes(reader);
      await setTimeout(1_000);
      return before > 0 && unsentBytes(reader) === before;
    });
    assert.equal(await service.end('SIGTERM'), 0);
    assert.match(service.log(), /"msg":"stopped"/);
    reader.destroy();
  });

  describe('while a dial hook waits for the application', () => {
    const body = status('dialled', { dial_call_status: 'failed' });
    const stopDuring = async (service: Process, application: Awaited<ReturnType<typeof startApplication>>) => {
      const asked = fetch(`${service.url}/jambonz/dial-action`, { method: 'POST', body });
      await until('the application was asked', () => application.received.some((request) => request.body === body));
      await setTimeout(200);
      const ended = Promise.all([service.end('SIGTERM'), asked]);
      const [exit, response] = await ended.finally(() => application.close());
      return { exit, status: response.status, verbs: await response.json() };
    };

    it('answers with its verbs, however long they take', async () => {
      const verbs = [{ verb: 'hangup' }];
      const application = await startApplication(async (response) => {
        await setTimeout(4_500);
        json(verbs)(response);
      });
      const service = await startReady({
        DATABASE_URL: join(directory, 'dial.db'),
        DIAL_ACTION_FORWARD_URL: application.url,
        DIAL_ACTION_FORWARD_TIMEOUT_MS: '9500',
      });
      assert.deepEqual(await stopDuring(service, application), { exit: 0, status: 200, verbs });
    });

    it('answers with the fallback where it is silent, and still stops in order', async () => {
      const verbs = [{ verb: 'say', text: 'Please call again.' }];
      let refusals = 0;
      // The status is tried for the fourth time about 7 s later; then the queue is waited for when the caller no longer is.
      const application = await startApplication((response, request) => {
        if (request.body === body || refusals === 3) return;
        refusals += 1;
        response.writeHead(500).end();
      });
      const service = await startReady({
        DATABASE_URL: join(directory, 'silent.db'),
        DIAL_ACTION_FORWARD_URL: application.url,
        DIAL_ACTION_FORWARD_TIMEOUT_MS: '9500',
        DIAL_ACTION_FALLBACK: JSON.stringify(verbs),
        CALL_STATUS_FORWARD_URL: application.url,
      });
      await fetch(`${service.url}/jambonz/call-status`, { method: 'POST', body: status('told') });
      assert.deepEqual(await stopDuring(service, application), { exit: 0, status: 200, verbs });
    });
  });

  it('writes the verdicts that are due', async () => {
    const path = join(directory, 'due.db');
    const { app, clock } = await startService({ DATABASE_URL: path });
    const failed = status('due', { direction: 'outbound', call_status: 'failed', sip_status: 486 });
    await app.http.inject({ method: 'POST', url: '/jambonz/call-status', payload: failed });
    clock.now += 60_000;
    await app.close();
    const db = new DatabaseSync(path);
    assert.equal(db.prepare('SELECT COUNT(*) AS n FROM attempts').get()?.n, 1);
    db.close();
  });

  it('passes on what it can, and keeps the rest for the next start', async () => {
    // The application takes the first event and then nothing any more.
    let taken = 0;
    const application = await startApplication((response) => {
      taken += 1;
      if (taken === 1) response.writeHead(204).end();
    });
    const path = join(directory, 'forwards.db');
    const service = await startReady({ DATABASE_URL: path, CALL_STATUS_FORWARD_URL: application.url });
    for (let i = 0; i < 5; i += 1) {
      await fetch(`${service.url}/jambonz/call-status`, { method: 'POST', body: status('forwarded', { n: i }) });
    }
    await until('it was asked twice', () => taken >= 2);
    assert.equal(await service.end('SIGTERM'), 0);
    await application.close();
    const db = new DatabaseSync(join(`${path}.journal`, 'forwards.db'));
    assert.equal(db.prepare('SELECT COUNT(*) AS n FROM forwards').get()?.n, 4);
    db.close();
  });

  it('ends at once on a second signal', async () => {
    const service = await startReady({ DATABASE_URL: join(directory, 'twice.db'), SHUTDOWN_WAIT_SECONDS: '60' });
    const ended = once(service.child, 'exit');
    service.child.kill('SIGTERM');
    await until('it stops', () => service.log().includes('stopping; another signal'));
    assert.ok(!hasEnded(service.child));
    service.child.kill('SIGTERM');
    assert.deepEqual(await ended, [1, null]);
  });
});

describe('a service that starts while LiveKit is down', () => {
  it('works, says so, and is ready', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const service = await startReady({
      DATABASE_URL: join(directory, 'store.db'),
      // Nobody listens there.
      LIVEKIT_URL: 'ws://127.0.0.1:9',
      LIVEKIT_API_KEY: 'devkey',
      LIVEKIT_API_SECRET: 'secret-secret-secret-secret-secret-1234',
    });
    await until('it says so', () =>
      service.log().includes('LiveKit’s trunks and dispatch rules are unknown: calls are diagnosed without them'),
    );
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    assert.doesNotMatch(metrics, /^sipwhy_livekit_snapshot_age_seconds/m);
    const taken = await fetch(`${service.url}/jambonz/call-status`, { method: 'POST', body: status('a') });
    assert.equal(taken.status, 204);
    assert.equal(await service.end('SIGTERM'), 0);
    await rm(directory, { recursive: true });
  });
});
