import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { it } from 'node:test';
import { until } from '../store/storedEvents.ts';
import { startService } from './service.ts';

it('the service probes what it is told to and exports the result', async () => {
  // Nobody listens on a port that was just given back.
  const closed = createSocket('udp4').bind(0, '127.0.0.1');
  await once(closed, 'listening');
  const target = `sip:127.0.0.1:${closed.address().port};transport=udp`;
  closed.close();
  const service = await startService({ PROBE_TARGETS: target, PROBE_INTERVAL_SECONDS: '3600' });
  try {
    const { body } = await service.app.http.inject('/metrics');
    assert.ok(body.includes(`sipwhy_probe_failures_total{target="${target}",reason="no_answer"} 0`));
    // The first probe starts within two seconds; nothing else tells when it has ended.
    const failures = async () => Object.entries(await service.samples('sipwhy_probe_failures_total'));
    await until(async () => (await failures()).length > 0);
    const [[labels, value] = ['', 0]] = await failures();
    assert.match(labels, /reason="(connection_refused|no_answer)"/);
    assert.equal(value, 1);
    assert.ok((await service.app.http.inject('/metrics')).body.includes(`sipwhy_probe_success{target="${target}"} 0`));
  } finally {
    await service.app.close();
  }
});
