import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { probeTarget } from '../../src/probe/probe.ts';
import { authority, type CertificateOptions, certificate } from './certificates.ts';
import { startDns } from './dnsServer.ts';
import { closedPort, healthy, type SipServer, silent, startStream, startTcp } from './sipServer.ts';

describe('a probe over TLS', () => {
  let server: SipServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
  const probe = async (starting: Promise<SipServer>, ca: string | undefined = authority.cert) => {
    server = await starting;
    return probeTarget({ host: '127.0.0.1', port: server.port, transport: 'tls' }, { timeoutSeconds: 3, ca });
  };
  const withCertificate = (options: CertificateOptions) => probe(startStream(healthy, certificate(options)));
  const problemsOf = ({ attempts }: Awaited<ReturnType<typeof probe>>) => {
    const tls = attempts[0]?.tls;
    assert.ok(tls?.outcome === 'ok');
    return tls.problems.map(({ reason }) => reason);
  };

  it('finds a healthy server, and when its certificate ends', async () => {
    const result = await withCertificate({ to: 20 });
    assert.equal(result.healthy, true);
    assert.equal(result.reason, undefined);
    assert.equal(result.sipStatus, 200);
    assert.deepEqual(Object.keys(result.phases), ['dns', 'connect', 'tls', 'options']);
    const days = ((result.certificateExpiresAt ?? 0) - Date.now() / 1000) / 86_400;
    assert.ok(days > 19.9 && days < 20.1);
    assert.match(server?.requests[0]?.getHeader('via') ?? '', /^SIP\/2\.0\/TLS /);
  });

  for (const [what, options, problems] of [
    ['an expired certificate', { from: -30, to: -2 }, ['certificate_expired']],
    ['a certificate that is not valid yet', { from: 2 }, ['certificate_not_yet_valid']],
    ['a certificate for another host', { hosts: ['other.example'] }, ['certificate_wrong_host']],
    ['a certificate of an unknown authority', { issuer: 'somebody else' }, ['certificate_untrusted']],
    [
      'an expired certificate for another host',
      { from: -30, to: -2, hosts: ['other.example'] },
      ['certificate_expired', 'certificate_wrong_host'],
    ],
    ['an expired certificate of an unknown authority', { from: -30, to: -2, issuer: 'x' }, ['certificate_expired']],
    ['a certificate that signs itself', { issuer: 'me', subject: 'me' }, ['certificate_untrusted']],
    [
      'an expired certificate that signs itself',
      { from: -9, to: -2, issuer: 'me', subject: 'me' },
      ['certificate_expired'],
    ],
    [
      'a certificate without a subject, for another host',
      { subject: '', hosts: ['x.example'] },
      ['certificate_wrong_host'],
    ],
  ] satisfies [string, CertificateOptions, string[]][]) {
    it(`tells ${what}, and that SIP is answered all the same`, async () => {
      const result = await withCertificate(options);
      assert.deepEqual(problemsOf(result), problems);
      assert.equal(result.reason, problems[0]);
      assert.equal(result.healthy, false);
      assert.equal(result.reachable, true);
      assert.equal(result.sipStatus, 200);
    });
  }

  it('trusts no authority that it was not told of', async () => {
    server = await startStream(healthy, certificate());
    const result = await probeTarget({ host: '127.0.0.1', port: server.port, transport: 'tls' });
    assert.deepEqual(problemsOf(result), ['certificate_untrusted']);
  });

  it('judges the certificate by the name that was dialled, not by the SRV record’s', async () => {
    server = await startStream(healthy, certificate({ hosts: ['sip.example'] }));
    const dns = await startDns({
      'SRV _sips._tcp.sip.example': [`1 1 ${server.port} host-7.example`],
      'A host-7.example': ['127.0.0.1'],
    });
    const options = { names: dns.names(), ca: authority.cert };
    const result = await probeTarget({ host: 'sip.example', transport: 'tls' }, options);
    await dns.close();
    assert.equal(result.healthy, true);
  });

  it('tells a refused port, a silent one and one that closes', async () => {
    const refused = await probeTarget({ host: '127.0.0.1', port: await closedPort(), transport: 'tls' });
    assert.equal(refused.reason, 'connection_refused');
    assert.equal((await probe(startTcp(() => {}))).reason, 'tls_timeout');
    await server?.close();
    assert.equal((await probe(startTcp((socket) => socket.end()))).reason, 'tls_failed');
  });

  it('tells a port that speaks plain SIP', async () => {
    assert.equal((await probe(startStream(healthy))).reason, 'tls_timeout');
    await server?.close();
    const talkative = startTcp((socket) => socket.once('data', () => socket.write('SIP/2.0 400 Bad Request\r\n\r\n')));
    assert.equal((await probe(talkative)).reason, 'tls_failed');
  });

  it('tells a server that is secure and silent', async () => {
    const result = await probe(startStream(silent, certificate()));
    assert.equal(result.reason, 'no_answer');
    assert.notEqual(result.certificateExpiresAt, undefined);
  });
});
