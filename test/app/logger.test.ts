import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';

const LOGGER = new URL('../../src/logger.ts', import.meta.url).href;
const programWith = (options: object) => `
import { createLogger } from ${JSON.stringify(LOGGER)};
const cause = new TypeError('cannot reach https://user:hunter2@app.example.com/x?key=hunter2 for +4915112345678');
const error = Object.assign(new Error('row of +4915112345678 refused', { cause }), {
  code: '23505', detail: 'Failing row contains (hunter2)', parameters: ['hunter2'],
});
createLogger(${JSON.stringify(options)}).error(error, 'it failed');
`;

function logged(options: object): string {
  const args = ['--input-type=module-typescript', '-e', programWith(options)];
  return spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout;
}

it('an error is logged by its kind, code, place and masked message, and by nothing else that is attached to it', () => {
  const stdout = logged({ level: 'info' });
  const { level, msg, err } = JSON.parse(stdout);
  assert.deepEqual([level, msg, Object.keys(err)], [50, 'it failed', ['type', 'message', 'code', 'stack', 'cause']]);
  assert.deepEqual([err.type, err.code, err.message], ['Error', '23505', 'row of +49•••••••••78 refused']);
  assert.match(err.stack, /^ +at /);
  assert.equal(err.cause.message, 'cannot reach https://app.example.com/x?… for +49•••••••••78');
  assert.doesNotMatch(stdout, /hunter2|15112345678/);
});

it('an error is one masked line for people, and more than that only with LOG_LEVEL=debug', () => {
  const line = logged({ level: 'info', format: 'pretty' });
  assert.match(line, /^\[\d\d:\d\d:\d\d\] ERROR: it failed: row of \+49•••••••••78 refused\n$/);
  const more = logged({ level: 'debug', format: 'pretty' });
  assert.match(more, /23505/);
  assert.match(more, /\n +at /);
  assert.doesNotMatch(more, /hunter2|15112345678/);
});
