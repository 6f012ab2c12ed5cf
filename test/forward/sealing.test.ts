import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { sealingIn } from '../../src/forward/sealing.ts';

const directory = mkdtempSync(join(tmpdir(), 'sipwhy-sealing-'));
after(() => rmSync(directory, { recursive: true }));

const REQUEST = {
  method: 'POST',
  query: 'a=1',
  headers: ['Authorization', 'Basic c2VjcmV0', 'x-two', 'ü'],
  body: Buffer.from([0xff, 0, 1, 2]),
} as const;

describe('a sealed request', () => {
  it('is opened as it was, also after a restart', () => {
    const sealed = sealingIn(directory).seal(REQUEST);
    assert.deepEqual(sealingIn(directory).open(sealed), REQUEST);
    const get = { ...REQUEST, method: 'GET', body: Buffer.alloc(0) } as const;
    assert.deepEqual(sealingIn(directory).open(sealingIn(directory).seal(get)), get);
  });

  it('shows nothing of the request, and is another one each time', () => {
    const sealing = sealingIn(directory);
    const [one, other] = [sealing.seal(REQUEST), sealing.seal(REQUEST)].map((bytes) => Buffer.from(bytes));
    assert.ok(one && other);
    assert.notDeepEqual(one, other);
    for (const text of ['Basic', 'c2VjcmV0', 'Authorization']) assert.equal(one.includes(text), false);
  });

  it('is not opened where a byte is changed or missing, or with another key', () => {
    const sealing = sealingIn(directory);
    const sealed = Buffer.from(sealing.seal(REQUEST));
    const changed = Buffer.from(sealed);
    changed[30] = (changed[30] ?? 0) ^ 1;
    for (const wrong of [changed, sealed.subarray(0, -1), Buffer.alloc(0), Buffer.alloc(40)]) {
      assert.equal(sealing.open(wrong), undefined);
    }
    const other = mkdtempSync(join(directory, 'other-'));
    assert.equal(sealingIn(other).open(sealed), undefined);
  });

  it('has a key that only its owner may read, made anew where the machine stopped while it was made', () => {
    const path = join(directory, 'forward-key');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    truncateSync(path);
    sealingIn(directory);
    assert.equal(readFileSync(path).length, 32);
    writeFileSync(path, 'damaged');
    assert.throws(() => sealingIn(directory), /forward-key must have 32 bytes/);
  });
});
