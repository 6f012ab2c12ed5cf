import assert from 'node:assert/strict';
import { it } from 'node:test';
import { webhooksOf } from '../../core/scenario.ts';
import { healthy, startStream } from '../../probe/sipServer.ts';
import { until } from '../../store/storedEvents.ts';
import { startService } from '../service.ts';

it('an incident of the network is closed by the probe that saw the trouble too', async () => {
  let isUp = false;
  const server = await startStream((request) => (isUp ? healthy(request) : ['no SIP\r\n\r\n']));
  const target = `sip:127.0.0.1:${server.port};transport=tcp`;
  const service = await startService({ PROBE_TARGETS: target, PROBE_INTERVAL_SECONDS: '1' });
  try {
    const began = service.clock.now;
    const webhooks = webhooksOf({ to: `sip:+15550100@127.0.0.1:${server.port}`, response: [503, 'DNS Error', 60] });
    await service.post(
      webhooks.map(({ path, body = '', at_ms }) => {
        return { method: 'POST' as const, path, headers: { 'content-type': 'application/json' }, body, at_ms };
      }),
      began,
    );
    await service.pass(5_000);
    const incident = async () => (await service.app.http.inject('/api/v1/incidents')).json().incidents[0];
    assert.deepEqual([(await incident()).cause, (await incident()).state], ['dns_failure', 'open']);

    const failures = async () =>
      Object.values(await service.samples('sipwhy_probe_failures_total')).reduce((sum, count) => sum + count, 0);
    const before = await failures();
    // Two more: the first of them may have begun before the call.
    await until(async () => (await failures()) >= before + 2);
    isUp = true;
    service.clock.now = began + 6 * 60_000;
    await until(async () => {
      await service.app.settle();
      return (await incident()).state === 'closed';
    });
    const { closed_because, after_fix } = await incident();
    assert.deepEqual([closed_because, after_fix.state], ['probe_ok', 'probe_ok']);
    assert.equal(after_fix.text, `The probe gets an answer from ${target}.`);
  } finally {
    await service.app.close();
    await server.close();
  }
});
