import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pack, unpack } from '../../src/store/packedJson.ts';

const VALUES: Readonly<Record<string, unknown>> = {
  'a list': [{ id: 'ST_1', numbers: ['+4930', '\n['] }, 'é[', [], '],', null, 7],
  'an empty list': [],
  'fields with lists, and others': { trunks: [{ id: 1 }], rules: [], at: 5, rest: { empty: [], text: ']\n[' } },
  'an object without fields': {},
  'more than one step': { trunks: Array.from({ length: 5_000 }, (_, i) => ({ id: `ST_${i}`, name: 'ü,'.repeat(9) })) },
  'an entry of more than one step': ['ü[\n'.repeat(50_000)],
};

describe('packed JSON', () => {
  for (const [what, value] of Object.entries(VALUES)) {
    it(`unpacks as it was: ${what}`, async () => {
      assert.deepEqual(await unpack(await pack(value)), value);
      const byOlderVersion = gzipSync(JSON.stringify(value));
      assert.deepEqual(await unpack(byOlderVersion), value);
    });

    it(`is JSON, which an older version reads: ${what}`, async () => {
      assert.deepEqual(JSON.parse(gunzipSync(await pack(value)).toString()), value);
    });
  }

  it('rejects what is damaged or cut off', async () => {
    await assert.rejects(unpack(Buffer.from('no gzip')));
    await assert.rejects(unpack((await pack([1, 2, 3])).subarray(0, -9)));
  });
});
