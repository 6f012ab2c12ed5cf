import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pino } from 'pino';
import { Condition } from '../../src/loop/condition.ts';

it('a condition is logged when it begins and ends, unless its error is logged elsewhere', () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line).msg) });
  const condition = new Condition(logger, 'begins', 'ends');
  condition.met(Object.assign(new Error('elsewhere'), { isLoggedOnce: true }));
  condition.over();
  assert.deepEqual(lines, []);
  condition.met(Object.assign(new Error('here'), { isLoggedOnce: false }));
  condition.met(new Error('still'));
  condition.over();
  condition.over();
  assert.deepEqual(lines, ['begins', 'ends']);
});
