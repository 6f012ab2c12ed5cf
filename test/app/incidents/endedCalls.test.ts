import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { IncidentTracker } from '../../../src/service/incidentTracker.ts';
import { Store, type StoredAttempt } from '../../../src/store/store.ts';
import { attempt } from '../../store/openStore.ts';
import { T0 } from '../../store/storedEvents.ts';

const MINUTE = 60_000;
const TRUNK = 'ST_1';
const { record } = attempt('1');
const DROPPED = { outcome: 'dropped', cause: 'agent_left_caller', party: 'agent', confidence: 'likely' } as const;
const REFUSED = { outcome: 'failed', cause: 'livekit_unavailable', party: 'livekit' } as const;
const CONNECTED = { outcome: 'connected', cause: undefined, party: undefined } as const;

function call(id: string, minutes: number, how: typeof DROPPED | typeof REFUSED | typeof CONNECTED): StoredAttempt {
  const startedAt = T0 + minutes * MINUTE;
  const ids = { id: `a${id}`, callSid: `b${id}` };
  return attempt(id, { startedAt, settledAt: startedAt, record: { ...record, ...ids, ...how, trunk: TRUNK } });
}

/** Whether an incident is open after three calls that connected, of which this is told. */
async function isOpenAfter(
  failure: typeof DROPPED | typeof REFUSED,
  what: 'answers' | 'ends',
  then: typeof DROPPED | typeof CONNECTED,
) {
  const store = await Store.open(':memory:');
  const tracker = new IncidentTracker({
    incidents: store.incidents,
    site: siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [] }),
    configurations: undefined,
    clock: { now: () => T0 + 30 * MINUTE, isSteady: true },
    events: { onEvent() {}, onOpen() {}, onChange() {}, onFailing: (error) => assert.ifError(error) },
  });
  tracker.saved(await store.calls.saveAttempts([call('1', 0, failure)]));
  const calls = [call('2', 6, then), call('3', 7, then), call('4', 8, then)];
  const told = { firsts: what === 'answers' ? calls : [], ends: what === 'ends' ? calls : [] };
  tracker.saved({ ...told, incidents: [], transitions: [] });
  await tracker.settled();
  const [incident] = await store.incidents.list({ state: 'all', limit: 1 });
  await store.close();
  assert.ok(incident);
  return incident.closed === undefined;
}

describe('an incident of calls that are dropped', () => {
  it('stays open while calls are answered', async () =>
    assert.equal(await isOpenAfter(DROPPED, 'answers', CONNECTED), true));
  it('closes once calls end well', async () => assert.equal(await isOpenAfter(DROPPED, 'ends', CONNECTED), false));
  it('stays open if they are dropped', async () => assert.equal(await isOpenAfter(DROPPED, 'ends', DROPPED), true));
});

describe('an incident of calls that fail before their answer', () => {
  it('closes once calls are answered', async () =>
    assert.equal(await isOpenAfter(REFUSED, 'answers', CONNECTED), false));
  it('closes also if these are dropped later', async () =>
    assert.equal(await isOpenAfter(REFUSED, 'answers', DROPPED), false));
  it('does not count an answer again at its end', async () =>
    assert.equal(await isOpenAfter(REFUSED, 'ends', CONNECTED), true));
});
