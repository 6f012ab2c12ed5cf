import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { AppliedChange } from '../../src/core/edits/appliedChange.ts';
import { type OpenStore, openStore } from './openStore.ts';
import { DATABASES } from './schema/databases.ts';

const CHANGE: AppliedChange = {
  id: 'change-1',
  at: 1_795_387_200_000,
  by: 'ada',
  why: 'a new carrier',
  subject: 'incident-1',
  cause: 'caller_not_allowed',
  changes: [{ kind: 'trunk', sip_trunk_id: 'ST_1', field: 'allowed_numbers', add: ['+15550142'] }],
  edits: [
    {
      kind: 'trunk',
      change: 'changed',
      id: 'ST_1',
      name: 'first',
      fields: [{ field: 'allowed_numbers', before: ['+15550100'], after: ['+15550100', '+15550142'] }],
    },
  ],
};

for (const kind of DATABASES) {
  describe(`applied changes on ${kind.name}`, () => {
    let opened: OpenStore;
    beforeEach(async () => {
      opened = await openStore(kind);
    });
    afterEach(() => opened.close());

    it('come back as they were kept, the newest first', async () => {
      const { applied } = opened.store;
      const { why: _, ...later } = { ...CHANGE, id: 'change-2', at: CHANGE.at + 1 };
      await applied.add(CHANGE);
      await applied.add(later);
      assert.deepEqual(await applied.list(10), [later, CHANGE]);
      assert.deepEqual(await applied.list(1), [later]);
      assert.deepEqual(await applied.find('change-1'), CHANGE);
      assert.equal(await applied.find('change-3'), undefined);
    });

    it('are found as the latest that is not undone', async () => {
      const { applied } = opened.store;
      await applied.add(CHANGE);
      await applied.add({ ...CHANGE, id: 'change-2', at: CHANGE.at + 1 });
      assert.equal((await applied.find(undefined))?.id, 'change-2');
      await applied.setUndone('change-2', CHANGE.at + 2, 'grace');
      assert.equal((await applied.find(undefined))?.id, 'change-1');
      assert.deepEqual((await applied.find('change-2'))?.undone, { at: CHANGE.at + 2, by: 'grace' });
    });

    it('are told what was really made, and dropped if nothing was', async () => {
      const { applied } = opened.store;
      await applied.add(CHANGE);
      await applied.setEdits('change-1', []);
      assert.deepEqual((await applied.find('change-1'))?.edits, []);
      await applied.drop('change-1');
      assert.deepEqual(await applied.list(10), []);
    });
  });
}
