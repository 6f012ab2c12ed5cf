import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { GroupedFile } from '../../scripts/load/groupedFile.ts';

describe('a file that is synced by groups', () => {
  it('has every record, in order, once its append is over', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const path = join(directory, 'bodies.log');
    const file = await GroupedFile.open(path);
    const records = Array.from({ length: 100 }, (_, i) => `record ${i}\n`);
    await file.append(Buffer.from(records[0] ?? ''));
    assert.equal(await readFile(path, 'utf8'), records[0]);
    await Promise.all(records.slice(1).map((record) => file.append(Buffer.from(record))));
    assert.equal(await readFile(path, 'utf8'), records.join(''));
    await file.close();
    await rm(directory, { recursive: true });
  });

  it('rejects the append when the file cannot be written', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sipwhy-'));
    const file = await GroupedFile.open(join(directory, 'bodies.log'));
    await file.close();
    await assert.rejects(file.append(Buffer.from('record')));
    await assert.rejects(file.append(Buffer.from('another')));
    await rm(directory, { recursive: true });
  });
});
