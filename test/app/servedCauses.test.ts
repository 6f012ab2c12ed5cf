import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startService } from './service.ts';

test('/api/v1/causes tells every cause with its runbook and what each level of confidence means', async () => {
  const service = await startService({});
  try {
    const { causes } = (await service.app.http.inject('/api/v1/causes')).json();
    assert.ok(causes.length >= 36);
    const cause = causes.find(({ id }: { id: string }) => id === 'auth_missing');
    assert.equal(cause.party, 'application');
    assert.match(cause.runbook.meaning, /LiveKit challenges the INVITE with 407/);
    assert.match(cause.runbook.impact, /\w/);
    assert.ok(cause.runbook.diagnosis.some((step: string) => step.includes('sipwhy explain CALL_SID')));
    assert.ok(cause.runbook.mitigation.some((step: string) => step.includes('"auth"')));
    assert.deepEqual(Object.keys(cause.confidence), ['certain', 'likely']);
  } finally {
    await service.app.close();
  }
});
