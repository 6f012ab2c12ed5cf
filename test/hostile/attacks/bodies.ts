import assert from 'node:assert/strict';
import type { Attack } from '../attack.ts';

/** Bodies that Jambonz and LiveKit never send. Each is refused with a message, and nothing else happens. */
const BODIES: Readonly<Record<string, string>> = {
  'an empty body': '',
  'JSON that ends early': '{"call_sid":"a"',
  'an array': '[]',
  'a number': '5',
  null: 'null',
  'a call_sid that is an object': '{"call_sid":{},"call_status":"trying"}',
  'a call_sid of 300 characters': JSON.stringify({ call_sid: 'x'.repeat(300), call_status: 'trying' }),
  'no call_sid': '{"call_status":"trying"}',
  'brackets nested 20,000 deep': `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
};

export const bodies: readonly Attack[] = Object.entries(BODIES).map(
  ([name, body]): Attack => ({
    what: `call status: ${name}`,
    async run(ground) {
      const service = await ground.service();
      const { status, text } = await service.send('/jambonz/call-status', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      assert.ok(status >= 400 && status < 500, `${status} ${text}`);
      assert.match(text, /"detail":"/);
    },
  }),
);
