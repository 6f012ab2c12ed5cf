import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { callIdsOf } from '../../src/store/calls/callIds.ts';
import { type OpenStore, openStore } from './openStore.ts';
import { DATABASES } from './schema/databases.ts';
import { failed, status } from './storedEvents.ts';

for (const kind of DATABASES) {
  describe(`the calls that a text names on ${kind.name}`, () => {
    let open: OpenStore;
    const ids = async (text: string) => (await callIdsOf(open.store.database, text)).sort();

    before(async () => {
      open = await openStore(kind);
      const leg = (callSid: string, parentCallSid: string | undefined, sbcCallId?: string) =>
        failed(callSid, 0, { callSid, parentCallSid, sbcCallId });
      await open.bring(
        leg('1f0c9f3a-0001', undefined, 'same@192.0.2.1'),
        leg('1f0c9f3a-0002', '1f0c9f3a-0001', 'far@192.0.2.1'),
        leg('1F0C9F3A-0003', undefined),
        leg('1f0c9f3a-0004', undefined, 'same@192.0.2.1'),
        // Its A leg has sent no webhook.
        leg('77777777-leg', '88888888-call'),
        status('long', 1, { callSid: '99999999-a', sbcCallId: 'x'.repeat(2_000) }),
        ...Array.from({ length: 25 }, (_, i) => leg(`many-of-them-${i}`, undefined)),
        ...Array.from({ length: 3 }, (_, i) => status('again', i, { callSid: 'abcdefgh-1', parentCallSid: undefined })),
        leg('abcdefgh-2', undefined),
      );
    });
    after(() => open.close());

    for (const [what, text, found] of [
      ['the call_sid of an A leg', '1f0c9f3a-0001', ['1f0c9f3a-0001']],
      ['the call_sid of a B leg', '1f0c9f3a-0002', ['1f0c9f3a-0001']],
      ['a call_sid of which no webhook came', '88888888-call', ['88888888-call']],
      ['its beginning', '88888888', ['88888888-call']],
      ['the beginning of a B leg', '77777777-l', ['88888888-call']],
      ['a beginning that several calls share', '1f0c9f3a', ['1f0c9f3a-0001', '1f0c9f3a-0004']],
      ['a beginning of legs with several webhooks', 'abcdefgh', ['abcdefgh-1', 'abcdefgh-2']],
      ['a beginning of seven characters', '1f0c9f3', []],
      ['the end of a call_sid', '0c9f3a-0001', []],
      ['a Call-ID', 'far@192.0.2.1', ['1f0c9f3a-0001']],
      ['a Call-ID of two calls', 'same@192.0.2.1', ['1f0c9f3a-0001', '1f0c9f3a-0004']],
      ['the beginning of a Call-ID', 'same@192.0', []],
      ['a long Call-ID', 'x'.repeat(2_000), ['along']],
      ['wildcards', '%%%%%%%%', []],
      ['nothing that is there', 'zzzzzzzzzz', []],
    ] as const) {
      it(`by ${what}`, async () => assert.deepEqual(await ids(text), found));
    }

    it('are at most 20', async () => assert.equal((await ids('many-of-them')).length, 20));
  });
}
