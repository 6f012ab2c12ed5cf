import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';

const LOGGER = new URL('../../src/logger.ts', import.meta.url).href;
const PROGRAM = `
import { createLogger } from ${JSON.stringify(LOGGER)};
const cause = new TypeError('cannot reach https://user:hunter2@app.example.com/x?key=hunter2 for +4915112345678');
const error = Object.assign(new Error('row of +4915112345678 refused', { cause }), {
  code: '23505', detail: 'Failing row contains (hunter2)', parameters: ['hunter2'],
});
createLogger('info').error(error, 'it failed');
`;

it('an error is logged by its kind, code, place and masked message, and by nothing else that is attached to it', () => {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module-typescript', '-e', PROGRAM], {
    encoding: 'utf8',
  });
  const { level, msg, err } = JSON.parse(stdout);
  assert.deepEqual([level, msg, Object.keys(err)], [50, 'it failed', ['type', 'message', 'code', 'stack', 'cause']]);
  assert.deepEqual([err.type, err.code, err.message], ['Error', '23505', 'row of +49•••••••••78 refused']);
  assert.match(err.stack, /^ +at /);
  assert.equal(err.cause.message, 'cannot reach https://app.example.com/x?… for +49•••••••••78');
  assert.doesNotMatch(stdout, /hunter2|15112345678/);
});
