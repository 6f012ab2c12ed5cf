import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { without } from '../../debianTools.ts';
import { recorded, startOf, startService } from '../service.ts';

describe('the exposition', () => {
  it('is accepted by promtool check metrics', { skip: without('promtool') }, async () => {
    const recordedCase = recorded('trunk_conflict_specific-101-0');
    const service = await startService({}, startOf(recordedCase));
    try {
      await service.post(recordedCase.webhooks, startOf(recordedCase));
      await service.pass(1_000);
      const { body } = await service.app.http.inject('/metrics');
      const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
      assert.equal(stderr, '');
      assert.equal(status, 0);
    } finally {
      await service.app.close();
    }
  });
});
