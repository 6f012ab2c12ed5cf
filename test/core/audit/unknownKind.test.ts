import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { foundIn } from './auditedConfiguration.ts';

describe('a dispatch rule of an unknown kind', () => {
  it('affects only those of its trunks that exist', () => {
    const [found] = foundIn('dispatch_rule_of_unknown_kind', {
      trunks: { ST_1: {}, ST_3: {} },
      rules: { SDR_1: { trunk_ids: ['ST_2', 'ST_1'], rule: {} } },
    });
    assert.deepEqual(found?.trunks, ['ST_1']);
  });
});
