import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Feed, type FeedEvent } from '../../src/service/answers/liveFeed.ts';
import { Store } from '../../src/store/store.ts';
import { recordOnly, webhooksOf } from '../core/scenario.ts';
import { PATIENCE_MS } from '../machineSpeed.ts';

const RECORD = recordOnly(webhooksOf({ response: [200, 'OK', 200] }));

it('the feed tells what another replica dated earlier and wrote later, and each once', async () => {
  const store = await Store.open(':memory:');
  after(() => store.close());
  const save = (callSid: string, settledAt: number, summary = 'The call connected.') =>
    store.calls.saveAttempts([
      {
        id: callSid,
        callSid,
        callId: callSid,
        startedAt: settledAt,
        settledAt,
        record: { ...RECORD, id: callSid, callSid, summary },
      },
    ]);
  const feed = new Feed(
    store,
    (incident) => incident,
    () => 100_000,
    { met: (error) => assert.equal(error, undefined), over() {} },
  );
  const report: FeedEvent[] = [];
  const until = async (count: number) => {
    for (const deadline = Date.now() + PATIENCE_MS; report.length < count; await setTimeout(50)) {
      assert.ok(Date.now() < deadline, `heard only ${report.length} of ${count}`);
    }
    // What comes again would come with the next reading.
    await setTimeout(1_500);
    return report.map(({ id }) => id);
  };
  await save('before', 99_000);
  const stop = feed.listen((event) => report.push(event));
  after(stop);
  await save('first', 100_500);
  assert.deepEqual(await until(1), ['100500.call.first']);
  await save('late', 97_000);
  assert.deepEqual(await until(2), ['100500.call.first', '97000.call.late']);
  await save('first', 101_000, 'The call connected. The agent left.');
  assert.deepEqual((await until(3)).at(-1), '101000.call.first');
  assert.equal(Reflect.get(report[2]?.data ?? {}, 'summary'), 'The call connected. The agent left.');
  await save('far too late', 90_000);
  await save('last', 102_000);
  assert.deepEqual((await until(4)).at(-1), '102000.call.last');
  stop();
  await save('unreported', 103_000);
  await setTimeout(1_500);
  assert.equal(report.length, 4);
});
