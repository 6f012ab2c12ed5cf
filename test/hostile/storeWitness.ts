import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../durable/serviceProcess.ts';
import type { Target } from './attackedService.ts';

/** Posts a failed call, and returns the status of the answer. */
export async function postCall(target: Target, callSid: string): Promise<number> {
  const body = {
    call_sid: callSid,
    call_status: 'failed',
    sip_status: 486,
    direction: 'outbound',
    from: '+4930',
    to: 'x',
  };
  return (await target.post('/jambonz/call-status', body)).status;
}

/** Posts a failed call, and resolves once it is in the store. */
export async function storeCall(target: Target, callSid: string): Promise<void> {
  assert.equal(await postCall(target, callSid), 204);
  // The answer comes once the journal is stored.
  await readable(target, callSid);
}

/** Waits until a call can be read. A busy machine sheds requests for a moment. */
export async function readable(target: Target, callSid: string): Promise<void> {
  const read = async () => (await target.send(`/api/v1/calls/${callSid}`)).status === 200;
  await until(`${callSid} can be read`, read);
}

/** What a service says of its store. */
export async function healthOf(target: Target) {
  return { ready: (await target.send('/readyz')).status, up: await target.sample('sipwhy_store_up') };
}

/** Waits until a service says that its store fails: by its metric, and where `ready` is 503 also by its readiness. */
export async function noticed(target: Target, ready: 200 | 503): Promise<void> {
  const holds = async () => {
    const health = await healthOf(target);
    return health.up === 0 && health.ready === ready;
  };
  await until('it is noticed', holds);
}

export async function recovered(target: Target): Promise<void> {
  const holds = async () => {
    const health = await healthOf(target);
    return health.up === 1 && health.ready === 200;
  };
  await until('all is well again', holds);
}

/** Asserts that the log has one error, and that it names the cause. */
export function assertSaidOnce(target: Target, cause: RegExp): void {
  const errors = target
    .log()
    .split('\n')
    .filter((line) => /"level":(50|60)/.test(line));
  assert.equal(errors.length, 1, errors.join('\n'));
  assert.match(errors[0] ?? '', cause);
}

/** Whether a journal on disk has a call. */
export function isInJournal(directory: string, callSid: string): boolean {
  const segments = readdirSync(directory).filter((name) => name.endsWith('.log'));
  return segments.some((name) => readFileSync(join(directory, name)).includes(`"${callSid}"`));
}
