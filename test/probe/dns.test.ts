import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { probeTarget } from '../../src/probe/probe.ts';
import type { Transport } from '../../src/probe/target.ts';
import { startDns } from './dnsServer.ts';
import { closedPort, healthy, type SipServer, silent, startUdp } from './sipServer.ts';

type Dns = Awaited<ReturnType<typeof startDns>>;

describe('a probe of a name', () => {
  let server: SipServer;
  let dns: Dns | undefined;
  beforeEach(async () => {
    server = await startUdp(healthy);
  });
  afterEach(async () => {
    await server.close();
    await dns?.close();
  });
  /** Starts the DNS server; without a port it is the SRV record that leads to the SIP server. */
  const probe = async (
    starting: Promise<Dns>,
    { port, transport = 'udp' as Transport }: { port?: number; transport?: Transport } = {},
  ) => {
    dns = await starting;
    const target = { host: 'sip.example', transport, ...(port !== undefined && { port }) };
    return probeTarget(target, { timeoutSeconds: 3, names: dns.names() });
  };

  it('follows SRV records to another host and port', async () => {
    const result = await probe(
      startDns({ 'SRV _sip._udp.sip.example': [`10 5 ${server.port} one.example`], 'A one.example': ['127.0.0.1'] }),
    );
    assert.equal(result.healthy, true);
    assert.ok(result.dns.outcome === 'ok');
    assert.equal(result.dns.source, 'srv');
    assert.deepEqual(result.dns.addresses, [{ address: '127.0.0.1', port: server.port }]);
  });

  for (const [transport, name] of [
    ['udp', '_sip._udp.sip.example'],
    ['tcp', '_sip._tcp.sip.example'],
    ['tls', '_sips._tcp.sip.example'],
  ] as const) {
    it(`asks for ${name} over ${transport}`, async () => {
      await probe(startDns({}), { transport });
      assert.deepEqual(
        dns?.questions.filter((question) => question.startsWith('SRV')),
        [`SRV ${name}`],
      );
    });
  }

  it('with a port asks for no SRV record', async () => {
    const result = await probe(startDns({ 'A sip.example': ['127.0.0.1'] }), { port: server.port });
    assert.equal(result.healthy, true);
    assert.deepEqual(dns?.questions.toSorted(), ['A sip.example', 'AAAA sip.example']);
  });

  for (const [transport, port] of [
    ['udp', 5060],
    ['tcp', 5060],
    ['tls', 5061],
  ] as const) {
    it(`without SRV records takes the name’s own addresses and port ${port} over ${transport}`, async () => {
      const result = await probe(startDns({ 'A sip.example': ['127.0.0.9'] }), { transport });
      assert.ok(result.dns.outcome === 'ok');
      assert.deepEqual(result.dns.addresses, [{ address: '127.0.0.9', port }]);
      assert.equal(result.dns.source, 'host');
    });
  }

  it('lists what a caller tries first, first: by priority, then by weight', async () => {
    const result = await probe(
      startDns({
        'SRV _sip._udp.sip.example': ['20 9 3 a.example', '10 1 2 b.example', '10 7 1 c.example'],
        'A a.example': ['127.0.0.1'],
        'A b.example': ['127.0.0.2', '127.0.0.3'],
        'A c.example': ['127.0.0.4'],
      }),
    );
    assert.deepEqual(
      result.attempts.map(({ address, port }) => `${address}:${port}`),
      ['127.0.0.4:1', '127.0.0.2:2', '127.0.0.3:2', '127.0.0.1:3'],
    );
  });

  it('is in trouble, though reachable, when one of its addresses is dead', async () => {
    const other = await startUdp(silent);
    const result = await probe(
      startDns({
        'SRV _sip._udp.sip.example': [`1 1 ${other.port} a.example`, `2 1 ${server.port} a.example`],
        'A a.example': ['127.0.0.1'],
      }),
    );
    await other.close();
    assert.equal(result.reachable, true);
    assert.equal(result.healthy, false);
    assert.equal(result.reason, 'no_answer');
    assert.equal(result.sipStatus, 200);
  });

  it('takes IPv6 where there is no IPv4', async () => {
    const result = await probe(startDns({ 'AAAA sip.example': ['::1'] }), {
      port: await closedPort(),
      transport: 'tcp',
    });
    assert.equal(result.attempts[0]?.address, '::1');
  });

  it('takes a name that only the hosts file knows', async () => {
    dns = await startDns({});
    const names = dns.names({ 'livekit-sip': '127.0.0.1' });
    const result = await probeTarget({ host: 'livekit-sip', port: server.port, transport: 'udp' }, { names });
    assert.equal(result.healthy, true);
  });

  it('that does not exist is told', async () => {
    const result = await probe(startDns({}));
    assert.equal(result.reason, 'dns_not_found');
    assert.equal(result.reachable, false);
    assert.deepEqual(result.attempts, []);
  });

  it('whose SRV record says that there is no such service is told', async () => {
    const result = await probe(startDns({ 'SRV _sip._udp.sip.example': ['0 0 0 .'], 'A sip.example': ['127.0.0.1'] }));
    assert.equal(result.reason, 'dns_not_found');
  });

  it('that the resolver fails on is told', async () => {
    const result = await probe(startDns({}, { failing: ['A sip.example', 'AAAA sip.example'] }), { port: 5060 });
    assert.equal(result.reason, 'dns_failed');
    assert.ok(result.dns.outcome !== 'ok');
    assert.equal(result.dns.detail, 'A sip.example: ESERVFAIL');
  });

  it('that no resolver answers for is told, within half of the time', async () => {
    const silent = ['SRV _sip._udp.sip.example', 'A sip.example', 'AAAA sip.example'];
    const result = await probe(startDns({}, { silent }));
    assert.equal(result.reason, 'dns_timeout');
    assert.ok(result.seconds < 2.7);
  });

  it('is reached through a resolver that is silent about SRV records only', async () => {
    const records = { 'A sip.example': ['127.0.0.1'] };
    const result = await probe(startDns(records, { silent: ['SRV _sip._tcp.sip.example'] }), { transport: 'tcp' });
    assert.ok(result.dns.outcome === 'ok');
    assert.deepEqual(result.dns.addresses, [{ address: '127.0.0.1', port: 5060 }]);
  });
});
