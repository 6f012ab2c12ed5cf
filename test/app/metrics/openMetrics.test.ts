import assert from 'node:assert/strict';
import { it } from 'node:test';
import { recorded, startOf, startService } from '../service.ts';

it('both formats are right in one process, whichever is asked for first', async () => {
  const recordedCase = recorded('auth_missing-101-0');
  const service = await startService({}, startOf(recordedCase));
  try {
    await service.post(recordedCase.webhooks, startOf(recordedCase));
    await service.pass(1_000);
    const get = (accept?: string) =>
      service.app.http.inject({ url: '/metrics', headers: accept === undefined ? {} : { accept } });
    const open = await get('application/openmetrics-text;version=1.0.0,text/plain;q=0.5');
    assert.match(String(open.headers['content-type']), /^application\/openmetrics-text; version=1\.0\.0/);
    assert.match(open.body, /^# TYPE sipwhy_call_failures counter$/m);
    const callSid = JSON.parse(recordedCase.webhooks[2]?.body ?? '').call_sid;
    const failure = open.body
      .split('\n')
      .find((line) => line.includes('cause="auth_missing"') && line.includes(' # {'));
    assert.match(
      failure ?? '',
      new RegExp(`^sipwhy_call_failures_total\\{.*\\} 1 # \\{call_sid="${callSid}"\\} 1 \\d+`),
    );
    assert.ok(open.body.endsWith('\n# EOF\n'));
    assert.doesNotMatch(open.body, /\n\n/);

    for (const [accept, type] of [
      ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.9', 'text/plain'],
      ['application/openmetrics-text;q=0,text/plain;q=0.1', 'text/plain'],
      ['text/plain;q=0.4,application/openmetrics-text;version=0.0.1;q=0.6,*/*;q=0.1', 'application/openmetrics-text'],
      // As Prometheus 3 asks.
      [
        'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,' +
          'application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,' +
          'text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
        'application/openmetrics-text',
      ],
      ['Application/OpenMetrics-Text', 'application/openmetrics-text'],
      ['application/*', 'text/plain'],
      ['*/*', 'text/plain'],
    ] as const) {
      assert.equal(String((await get(accept)).headers['content-type']).split(';')[0], type, accept);
    }

    const text = await get();
    assert.match(String(text.headers['content-type']), /^text\/plain/);
    assert.match(text.body, /^# TYPE sipwhy_call_failures_total counter$/m);
    assert.doesNotMatch(text.body, /# \{|# EOF/);
  } finally {
    await service.app.close();
  }
});

it('an exposition has its length ahead, so that a scrape that breaks off is noticed', async () => {
  const service = await startService({});
  try {
    const { headers, body } = await service.app.http.inject({ url: '/metrics' });
    assert.equal(Number(headers['content-length']), Buffer.byteLength(body));
    const head = await service.app.http.inject({ method: 'HEAD', url: '/metrics' });
    assert.equal(head.statusCode, 200);
    assert.ok(Number(head.headers['content-length']) > 1_000);
    assert.equal(head.body, '');
  } finally {
    await service.app.close();
  }
});
