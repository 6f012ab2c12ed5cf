import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { ServingLock } from '../../../src/store/sqlite/servingLock.ts';

let directory: string;
const locks: ServingLock[] = [];
const lock = () => {
  const made = ServingLock.onJournal(directory);
  locks.push(made);
  return made;
};
const file = () => join(directory, 'journal-serving');
const TAKEN = /^Error: another process already uses the journal .*: stop it, or give this process its own JOURNAL_DIR/;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sipwhy-lock-'));
});
afterEach(() => {
  for (const one of locks.splice(0)) one.release();
  rmSync(directory, { recursive: true, force: true });
});

it('a lock whose file is there is not renewed', () => {
  const one = lock();
  assert.equal(one.renew(), false);
  assert.throws(lock, TAKEN);
});

it('a lock whose file was deleted is renewed, and keeps others out again', () => {
  const one = lock();
  rmSync(file());
  assert.equal(one.renew(), true);
  assert.equal(one.renew(), false);
  assert.throws(lock, TAKEN);
});

it('a lock whose file another process took is not renewed until that one ends', () => {
  const one = lock();
  rmSync(file());
  const other = lock();
  assert.throws(() => one.renew(), TAKEN);
  assert.throws(() => one.renew(), TAKEN);
  other.release();
  locks.splice(locks.indexOf(other), 1);
  assert.equal(one.renew(), true);
  assert.throws(lock, TAKEN);
});

it('a lock whose folder is away is kept for when it comes back', () => {
  const one = lock();
  renameSync(directory, `${directory}.away`);
  assert.equal(one.renew(), false);
  renameSync(`${directory}.away`, directory);
  assert.equal(one.renew(), false);
  assert.throws(lock, TAKEN);
});
