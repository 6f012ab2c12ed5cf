import { EventEmitter } from 'node:events';

// Given to `--test-reporter` and imported by testProcess.ts in the same process: the one instance is shared.

interface TestEvent {
  readonly type: string;
  readonly data: { readonly name?: string };
}

/** Emits `pass` and `fail` with the name of each test as it ends. */
export const outcomes = new EventEmitter();

/** A reporter that prints nothing. */
export default async function* report(events: AsyncIterable<TestEvent>) {
  for await (const { type, data } of events) {
    if (type === 'test:fail') outcomes.emit('fail', data.name);
    if (type === 'test:pass') outcomes.emit('pass', data.name);
    yield '';
  }
}
