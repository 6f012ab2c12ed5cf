import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { hostOf, siteFrom } from '../../src/core/diagnose/facts/site.ts';
import { SAMPLE_SITE, sampleDay } from '../../src/demo/sampleDay.ts';
import { sampleStore } from '../../src/sample/sampleStore.ts';
import type { Store } from '../../src/store/store.ts';
import { limitHere } from '../machineSpeed.ts';

const SITE = siteFrom({ ...SAMPLE_SITE, livekitUrlHost: hostOf(SAMPLE_SITE.livekitUrl) });
const END = 1_795_387_200_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The longest turn of the event loop, in milliseconds of processor time. */
const LONGEST_TURN_MS = 50;

describe('the sample', () => {
  let store: Store;
  let longestTurnMs = 0;
  before(async () => {
    const day = sampleDay();
    let isMaking = true;
    let since = process.threadCpuUsage();
    const measure = () => {
      const { user, system } = process.threadCpuUsage(since);
      longestTurnMs = Math.max(longestTurnMs, (user + system) / 1000);
      since = process.threadCpuUsage();
      if (isMaking) setImmediate(measure);
    };
    setImmediate(measure);
    ({ store } = await sampleStore(day, SITE, END));
    isMaking = false;
  });
  after(() => store.close());

  it('has the four faults of the recorded incident, one after the other, and two other incidents', async () => {
    const incidents = await store.incidents.list({ state: 'all', limit: 100 });
    const rows = incidents
      .toSorted((a, b) => a.openedAt - b.openedAt)
      .map(({ cause, trunk, calls, closed, first }) => {
        return [cause, trunk, calls, closed?.because, Math.round((END - first.at) / MINUTE_MS)];
      });
    assert.deepEqual(rows, [
      ['agent_not_joined', 'ST_SampleSupport', 11, 'calls_connected', 1180],
      ['trunk_conflict', 'ST_SampleSales', 18, 'recheck_passes', 555],
      ['sip_host_wrong', 'none', 13, 'next_call_connected', 70],
      ['called_number_not_on_trunk', 'ST_GjeZjGQjrsvC', 7, undefined, 43],
      ['caller_not_allowed', 'ST_GjeZjGQjrsvC', 6, 'recheck_passes', 28],
      ['auth_missing', 'ST_GjeZjGQjrsvC', 6, undefined, 13],
    ]);
  });

  it('names the change that broke the trunk, and has proven fixes', async () => {
    const incidents = await store.incidents.list({ state: 'all', limit: 100 });
    const conflict = incidents.find(({ cause }) => cause === 'trunk_conflict');
    assert.deepEqual(conflict?.change?.texts, ['trunk ST_SampleSalesCopy was added']);
    for (const { fix, cause } of incidents.filter(({ closed }) => !closed)) assert.equal(fix?.proof, 'connects', cause);
  });

  it('has calls in each hour of the day, and none after it', async () => {
    const attempts = (await store.search.find({}, 1_000)).found;
    const hours = new Set(attempts.map(({ startedAt }) => Math.floor((END - startedAt) / HOUR_MS)));
    assert.deepEqual(
      [...hours].sort((a, b) => a - b),
      Array.from({ length: 24 }, (_, hour) => hour),
    );
    assert.ok(attempts.every(({ settledAt }) => settledAt <= END));
    assert.ok(attempts.length > 250 && attempts.length < 400, `${attempts.length}`);
  });

  it('has only numbers that are recorded or reserved', async () => {
    for (const { record } of (await store.search.find({}, 1_000)).found) {
      for (const text of [record.from, record.to]) {
        const [digits = ''] = /\d{7,}/.exec(text?.split('@')[0] ?? '') ?? [];
        assert.match(digits, /^(441632960\d{3}|4991874350352|91874350352|)$/, text);
      }
    }
  });

  it('is the same wherever it is made, but for the time', async () => {
    const LATER_MS = 3 * HOUR_MS;
    const other = (await sampleStore(sampleDay(), SITE, END + LATER_MS)).store;
    const attemptsIn = async (one: Store, shift: number) =>
      (await one.search.find({}, 1_000)).found.map(({ id, startedAt, settledAt, record }) => {
        return [id, startedAt - shift, settledAt - shift, record.cause, record.summary];
      });
    const incidentsIn = async (one: Store, shift: number) =>
      (await one.incidents.list({ state: 'all', limit: 100 })).map(({ id, cause, openedAt, calls }) => {
        return [id, cause, openedAt - shift, calls];
      });
    assert.deepEqual(await attemptsIn(other, LATER_MS), await attemptsIn(store, 0));
    assert.deepEqual(await incidentsIn(other, LATER_MS), await incidentsIn(store, 0));
    await other.close();
  });

  it(`is made in turns of at most ${LONGEST_TURN_MS} ms, or longer on a slow machine`, async () => {
    const limitMs = await limitHere(LONGEST_TURN_MS, longestTurnMs);
    assert.ok(longestTurnMs > 0 && longestTurnMs <= limitMs, `${longestTurnMs} ms`);
  });
});
