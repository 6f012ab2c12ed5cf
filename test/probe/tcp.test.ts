import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { probeTarget } from '../../src/probe/probe.ts';
import { certificate } from './certificates.ts';
import { endedWithin } from './endedWithin.ts';
import {
  answer,
  type Behaviour,
  closedPort,
  healthy,
  type SipServer,
  silent,
  startStream,
  startTcp,
} from './sipServer.ts';

describe('a probe over TCP', () => {
  let server: SipServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  /** Patient, as the machine may be busy, but for what must wait in vain. */
  const probe = async (starting: Promise<SipServer>, timeoutSeconds = 20) => {
    server = await starting;
    return probeTarget({ host: '127.0.0.1', port: server.port, transport: 'tcp' }, { timeoutSeconds });
  };
  const bytewise: Behaviour = (request) => [...answer(request, 200)];

  it('finds a healthy server', async () => {
    const result = await probe(startStream(healthy));
    assert.equal(result.healthy, true);
    assert.equal(result.sipStatus, 200);
    assert.deepEqual(Object.keys(result.phases), ['dns', 'connect', 'options']);
    assert.match(server?.requests[0]?.getHeader('via') ?? '', /^SIP\/2\.0\/TCP /);
  });

  it('puts an answer together that comes in pieces', async () => {
    assert.equal((await probe(startStream(bytewise))).sipStatus, 200);
  });

  it('passes keep-alives, requests and answers to others over, with their bodies', async () => {
    const result = await probe(
      startStream((request) => {
        const other = answer(request, 200)
          .replace(/^Call-ID: .*$/m, 'Call-ID: another')
          .replace('Content-Length: 0', 'Content-Length: 4');
        const ping = request.data.replace(/^Call-ID: .*$/m, 'Call-ID: a-ping');
        return ['\r\n\r\n', ping, `${other}\r\n\r\n`, answer(request, 486)];
      }),
    );
    assert.equal(result.sipStatus, 486);
  });

  it('tells a refused port', async () => {
    const result = await probeTarget({ host: '127.0.0.1', port: await closedPort(), transport: 'tcp' });
    assert.equal(result.reason, 'connection_refused');
    assert.equal(result.reachable, false);
    assert.equal(result.attempts[0]?.options, undefined);
  });

  it('tells a port that takes connections and is silent', async () => {
    const result = await probe(startStream(silent), 0.4);
    assert.equal(result.reason, 'no_answer');
    assert.equal(result.attempts[0]?.connect?.outcome, 'ok');
  });

  it('tells a port that closes the connection', async () => {
    assert.equal(
      (await probe(startTcp((socket) => socket.once('data', () => socket.end())))).reason,
      'connection_closed',
    );
    await server?.close();
    const reset = startTcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    assert.equal((await probe(reset)).reason, 'connection_closed');
  });

  it('tells what is no SIP: another protocol, half an answer, an endless stream', async () => {
    const http = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n';
    assert.equal((await probe(startStream(() => [http]))).reason, 'bad_response');
    await server?.close();
    const half = startStream(() => ['SIP/2.0 200 OK\r\nVia:']);
    assert.equal((await probe(half, 1.5)).reason, 'bad_response');
    await server?.close();
    const result = await probe(startStream(() => ['x'.repeat(70_000)]));
    assert.equal(result.reason, 'bad_response');
    assert.ok(await endedWithin(2, result));
  });

  it('tells a port that speaks TLS', async () => {
    // Some TLS servers answer plain text with an alert, as OpenSSL’s own; Node’s closes the connection.
    const alert = Buffer.from([0x15, 0x03, 0x01, 0, 2, 2, 70]);
    const result = await probe(startTcp((socket) => socket.once('data', () => socket.end(alert))));
    assert.equal(result.reason, 'bad_response');
    const [attempt] = result.attempts;
    assert.ok(attempt?.options && attempt.options.outcome !== 'ok');
    assert.equal(attempt.options.detail, 'the port speaks TLS');
    await server?.close();
    assert.equal((await probe(startStream(healthy, certificate()))).reason, 'connection_closed');
  });
});
