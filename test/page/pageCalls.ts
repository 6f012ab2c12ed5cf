import type { RecordedCase } from '../../src/core/replay/replay.ts';
import { type Dial, webhooksOf } from '../core/scenario.ts';

/** A call of its own: `name`, seven hexadecimal digits, is part of all its ids. */
export function callOf(name: string, dial: Dial): RecordedCase['webhooks'] {
  return webhooksOf(dial).map((sent) => ({
    ...sent,
    body: (sent.body ?? '').replaceAll('5bd6b0c', name).replaceAll('-leg@', `-${name}@`),
  }));
}
