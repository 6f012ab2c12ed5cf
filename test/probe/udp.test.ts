import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { probeTarget } from '../../src/probe/probe.ts';
import { endedWithin } from './endedWithin.ts';
import { answer, type Behaviour, closedPort, healthy, type SipServer, silent, startUdp } from './sipServer.ts';

describe('a probe over UDP', () => {
  let server: SipServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  /** Patient, as the machine may be busy, but for what must wait in vain. */
  const probe = async (behaviour: Behaviour, timeoutSeconds = 20) => {
    server = await startUdp(behaviour);
    return probeTarget({ host: '127.0.0.1', port: server.port, transport: 'udp' }, { timeoutSeconds });
  };

  it('finds a healthy server', async () => {
    const result = await probe(healthy);
    assert.equal(result.target, `sip:127.0.0.1:${server?.port};transport=udp`);
    assert.equal(result.healthy, true);
    assert.equal(result.reachable, true);
    assert.equal(result.reason, undefined);
    assert.equal(result.sipStatus, 200);
    assert.equal(result.sipPhrase, 'OK');
    assert.deepEqual(Object.keys(result.phases), ['dns', 'options']);
    assert.ok(await endedWithin(1, result));
  });

  it('sends an OPTIONS that a SIP server can answer', async () => {
    await probe(healthy);
    const [request] = server?.requests ?? [];
    assert.ok(request);
    assert.equal(request.method, 'OPTIONS');
    assert.equal(String(request.ruri), `sip:127.0.0.1:${server?.port};transport=udp`);
    assert.match(request.getHeader('via') ?? '', /^SIP\/2\.0\/UDP 127\.0\.0\.1:\d+;branch=z9hG4bK\w+;rport$/);
    assert.match(request.getHeader('contact') ?? '', /^<sip:sipwhy@127\.0\.0\.1:\d+;transport=udp>$/);
    assert.equal(request.getHeader('max-forwards'), '70');
    assert.equal(request.getHeader('content-length'), '0');
    assert.notEqual(request.fromTag, undefined);
    assert.equal(request.toTag, undefined);
  });

  for (const [status, phrase] of [
    [302, 'Moved Temporarily'],
    [404, 'No trunk found'],
    [503, 'Try again later'],
    [603, 'Decline'],
  ] as const) {
    it(`takes a ${status} as proof that somebody answers`, async () => {
      const result = await probe((request) => [answer(request, status, phrase)]);
      assert.equal(result.healthy, true);
      assert.equal(result.sipStatus, status);
      assert.equal(result.sipPhrase, phrase);
    });
  }

  it('tells a refused port, at once', async () => {
    const result = await probeTarget({ host: '127.0.0.1', port: await closedPort(), transport: 'udp' });
    assert.equal(result.reachable, false);
    assert.equal(result.healthy, false);
    assert.equal(result.reason, 'connection_refused');
    assert.ok(await endedWithin(1, result));
  });

  it('tells a dead host, after repeating the request at growing intervals', async () => {
    const result = await probe(silent, 1.8);
    assert.equal(result.reason, 'no_answer');
    // At 0, 0.5 and 1.5 seconds.
    assert.equal(server?.requests.length, 3);
    assert.equal(new Set(server?.requests.map(({ viaBranch }) => viaBranch)).size, 1);
    assert.ok(result.seconds > 1.7 && (await endedWithin(2.5, result)));
  });

  it('survives a lost datagram', async () => {
    let count = 0;
    const result = await probe((request) => {
      count += 1;
      return count === 1 ? [] : [answer(request, 200)];
    });
    assert.equal(result.healthy, true);
    assert.ok(result.seconds > 0.4);
  });

  it('does not take answers to other requests, or provisional ones, for its own', async () => {
    const stale = (request: Parameters<Behaviour>[0]) => [
      answer(request, 200).replace(/^Call-ID: .*$/m, 'Call-ID: another@127.0.0.1'),
      answer(request, 200).replace(/branch=z9hG4bK\w+/, 'branch=z9hG4bKother'),
      answer(request, 200).replace('1 OPTIONS', '1 INVITE'),
      answer(request, 100),
    ];
    assert.equal((await probe(stale, 0.4)).reason, 'no_answer');
    await server?.close();
    const result = await probe((request) => [...stale(request), answer(request, 480)]);
    assert.equal(result.sipStatus, 480);
  });

  for (const [what, make] of [
    ['text', () => 'hello\r\n\r\n'],
    ['a status line alone', () => 'SIP/2.0 200 OK\r\n'],
    ['an answer without a Call-ID', (ok) => ok.replace(/^Call-ID: .*\r\n/m, '')],
    ['an answer with a CSeq that cannot be read', (ok) => ok.replace('CSeq: 1 OPTIONS', 'CSeq: one')],
  ] satisfies [string, (ok: string) => string][]) {
    it(`takes ${what} for no SIP`, async () => {
      const result = await probe((request) => [make(answer(request, 200))], 1.5);
      assert.equal(result.reason, 'bad_response');
      assert.equal(result.reachable, false);
    });
  }

  it('waits for an answer behind a stray datagram', async () => {
    const result = await probe((request) => ['stray', answer(request, 200)]);
    assert.equal(result.healthy, true);
  });

  it('ends at once when it is called off', async () => {
    const stop = new AbortController();
    server = await startUdp(silent);
    setTimeout(() => stop.abort(), 50);
    const result = await probeTarget(
      { host: '127.0.0.1', port: server.port, transport: 'udp' },
      { timeoutSeconds: 10, signal: stop.signal },
    );
    assert.ok(await endedWithin(1, result));
  });
});
