import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';
import { certificate } from './certificates.ts';
import { answer, closedPort, healthy, type SipServer, startStream, startUdp } from './sipServer.ts';

const COMMAND = fileURLToPath(new URL('runCommand.ts', import.meta.url));

function probe(
  args: readonly string[],
  targets = '',
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [COMMAND, 'probe', ...args], {
    env: { ...PLAIN_ENVIRONMENT, TARGETS: targets },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr })));
}

describe('sipwhy probe', () => {
  let server: SipServer;
  beforeEach(async () => {
    server = await startUdp(healthy);
  });
  afterEach(() => server.close());

  it('ends with status 0 when somebody answers, and says that a failed call was refused', async () => {
    const { status, stdout } = await probe([`127.0.0.1:${server.port}`]);
    assert.equal(status, 0);
    assert.match(stdout, /options +ok +200 OK \(test\)/);
    assert.match(stdout, /LiveKit answers SIP\. A failed call was refused, not lost on the way\./);
  });

  it('ends with status 1 when nobody does, and says why', async () => {
    const { status, stdout } = await probe([`127.0.0.1:${await closedPort()}`, `sip:127.0.0.1:${server.port}`]);
    assert.equal(status, 1);
    assert.match(stdout, /connection_refused/);
    assert.match(stdout, /LiveKit can’t be reached this way/);
    // Each target has its own word, in the order asked for.
    assert.ok(stdout.indexOf('LiveKit can’t be reached') < stdout.indexOf('LiveKit answers SIP'));
  });

  it('says that a bad certificate keeps some callers out', async () => {
    const tls = await startStream((request) => [answer(request, 503)], certificate({ from: -9, to: -2 }));
    const { status, stdout } = await probe([`sips:127.0.0.1:${tls.port}`]);
    await tls.close();
    assert.equal(status, 1);
    assert.match(stdout, /certificate_expired +sipwhy test server expired on/);
    assert.match(stdout, /Renew it\./);
    assert.match(stdout, /answers SIP, but only to callers that accept this certificate/);
  });

  it('warns when the answer is a 5xx', async () => {
    const busy = await startUdp((request) => [answer(request, 503, 'Try again later')]);
    const { status, stdout } = await probe([`127.0.0.1:${busy.port}`]);
    await busy.close();
    assert.equal(status, 0);
    assert.match(stdout, /LiveKit answers SIP, with a 503/);
  });

  it('without a target probes those of the configuration; with --json prints one object a line', async () => {
    const targets = `127.0.0.1:${server.port},127.0.0.1:${await closedPort()}`;
    const { status, stdout } = await probe(['--json'], targets);
    assert.equal(status, 1);
    const [first, second] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(first.target, `sip:127.0.0.1:${server.port};transport=udp`);
    assert.deepEqual([first.healthy, first.reachable, first.reason, first.sip_status], [true, true, null, 200]);
    assert.deepEqual([second.healthy, second.reachable, second.reason], [false, false, 'connection_refused']);
  });

  it('ends with status 2 on wrong use', async () => {
    const results = await Promise.all([
      probe([]),
      probe(['sip:a b']),
      probe(['--timeout', '0', 'a.example']),
      probe(['--timeout', 'x', 'a.example']),
      probe(['--nonsense']),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      [2, 2, 2, 2, 2],
    );
    assert.match(results[0]?.stderr ?? '', /set LIVEKIT_SIP_HOST or PROBE_TARGETS/);
    assert.match(results[1]?.stderr ?? '', /"sip:a b" is not a target/);
    assert.equal((await probe(['--help'])).status, 0);
  });
});
