import assert from 'node:assert/strict';
import { it } from 'node:test';
import { webhookId } from '../../../src/core/receive/webhookId.ts';

it('an id of a webhook is a UUID version 7 of its time, and another one each time', () => {
  const id = webhookId(1_795_387_200_123);
  assert.match(id, /^01a2056a-927b-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  assert.notEqual(webhookId(1_795_387_200_123), id);
  assert.ok(webhookId(1_795_387_200_124) > id);
});

it('an id of a webhook from before 1970 or of a time too long for a UUID is a UUID as well', () => {
  for (const at of [-1, 0, 2 ** 48, 0.5]) assert.match(webhookId(at), /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab]/);
});
