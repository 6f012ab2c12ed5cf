import assert from 'node:assert/strict';
import { it } from 'node:test';
import { columns } from '../../src/cli/columns.ts';

const ROWS = [
  ['id', 'text'],
  [{ text: 'long-id', colour: 'red' }, 'a text of some length'],
] as const;

it('columns are aligned', () => {
  assert.equal(columns(ROWS, undefined), 'id       text\nlong-id  a text of some length\n');
});
it('the last column is cut off where a line would wrap', () => {
  assert.equal(columns(ROWS, 20), 'id       text\nlong-id  a text of …\n');
  assert.equal(columns(ROWS, 30), 'id       text\nlong-id  a text of some length\n');
});
it('values never command a terminal or break a line', () => {
  assert.equal(columns([['a\u001b[2Jb\nc', 'd']], undefined), 'a\ufffd[2Jb c  d\n');
});
it('a value is painted without changing the alignment', () => {
  const painted = columns(ROWS, undefined, (text, cell) => (typeof cell === 'string' ? text : `<${text}>`));
  assert.equal(painted, 'id       text\n<long-id>  a text of some length\n');
});
