import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { pino } from 'pino';
import { createApp } from '../../../src/app.ts';
import { parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { Directory } from '../../../src/livekit/directory.ts';
import { apiSource, withPreparedIndexes } from '../../../src/livekit/source.ts';
import { readSettings } from '../../../src/settings/settings.ts';
import { until } from '../../store/storedEvents.ts';
import { recorded, startOf, startService } from '../service.ts';
import { type LiveKitConfiguration, startLiveKitApi } from './livekitApi.ts';

const incident = recorded('called+auth+caller-101-0');

describe('LiveKit’s configuration', () => {
  let configuration: LiveKitConfiguration;
  let api: Awaited<ReturnType<typeof startLiveKitApi>>;
  const clock = { now: 0 };
  let events: (string | number)[];

  const directoryOf = () =>
    new Directory({
      source: apiSource(api.url, 'key', 'secret'),
      refreshSeconds: 60,
      now: () => clock.now,
      events: {
        onRefresh: (error) => events.push(error ? 'failed' : 'ok'),
        onChange: ({ trunks }: Snapshot) => void events.push(trunks.length),
        onHistoryError: (error) => events.push(error.message),
      },
    });

  beforeEach(async () => {
    configuration = { ...structuredClone(incident.livekit), state: 'up' };
    api = await startLiveKitApi(configuration);
    clock.now = 1_000_000;
    events = [];
  });
  let stopLater: (() => Promise<void>) | undefined;
  afterEach(async () => {
    await stopLater?.();
    stopLater = undefined;
    mock.timers.reset();
    mock.restoreAll();
    await api.close();
  });

  it('is read with all its pages, however few a page holds', async () => {
    configuration.pageSize = 1;
    const directory = directoryOf();
    await directory.refresh();
    assert.equal(directory.current?.trunks.length, 2);
    assert.equal(directory.current?.rules.length, 1);
  });

  it('is missed once in the log, with the reason, and once more when it is read again', async () => {
    const reading = readSettings({
      DATABASE_URL: ':memory:',
      LIVEKIT_URL: api.url,
      LIVEKIT_API_KEY: 'key',
      LIVEKIT_API_SECRET: 'secret',
    });
    assert.ok(reading.ok);
    const lines: string[] = [];
    const logger = pino({}, { write: (line) => lines.push(line) });
    configuration.state = 'down';
    const app = await createApp(reading.settings, logger, { now: () => clock.now });
    try {
      for (let i = 0; i < 3; i += 1) await app.refresh();
      configuration.state = 'up';
      for (let i = 0; i < 2; i += 1) await app.refresh();
    } finally {
      await app.close();
    }
    const logged = lines.map((line) => JSON.parse(line)).filter(({ msg }) => /configuration/.test(msg));
    assert.deepEqual(
      logged.map(({ msg }) => msg.split(':')[0]),
      [
        'cannot read LiveKit’s configuration',
        'LiveKit’s configuration is loaded',
        'LiveKit’s configuration can be read again',
      ],
    );
    assert.match(logged[0].err.message, /\S/);
  });

  it('is read from a server that knows no pages', async () => {
    const directory = directoryOf();
    await directory.refresh();
    assert.deepEqual(
      directory.current?.trunks.map((trunk) => trunk.sip_trunk_id),
      ['ST_txjwL5KDB8oC', 'ST_xHHdMyuJQPT3'],
    );
  });

  it('keeps of a password only whether one is set', async () => {
    const directory = directoryOf();
    await directory.refresh();
    assert.doesNotMatch(JSON.stringify(directory.current), /pw2968/);
    assert.deepEqual(
      directory.current?.trunks.map((trunk) => [trunk.auth_username, trunk.has_password]),
      [
        ['', false],
        ['user55', true],
      ],
    );
  });

  it('is kept through an outage, growing older, and becomes stale', async () => {
    const directory = directoryOf();
    await directory.refresh();
    configuration.state = 'down';
    clock.now += 120_000;
    await directory.refresh();
    assert.deepEqual(events, [2, 'ok', 'failed']);
    assert.equal(directory.current?.trunks.length, 2);
    assert.equal(directory.ageSeconds, 120);
    assert.equal(directory.at(clock.now)?.isStale, false);
    assert.equal(directory.at(clock.now + 61_000)?.isStale, true);
  });

  it('is indexed without keeping other work waiting', async () => {
    const trunks = Array.from({ length: 20_000 }, (_, i) =>
      parseTrunk({ sip_trunk_id: `ST_${i}`, numbers: [`+4930${i}`], allowed_addresses: ['192.0.2.1'] }),
    );
    const snapshot = new Snapshot({ trunks, rules: [] });
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    assert.equal(await withPreparedIndexes(async () => snapshot, { strictAddresses: false })(), snapshot);
    clearInterval(timer);
    assert.ok(turns >= 1);
    assert.equal(snapshot.trunkIndex.takes('49300'), true);
  });

  it('is given as it was at the time of a call', async () => {
    const directory = directoryOf();
    await directory.refresh();
    configuration.inbound_trunks = [];
    clock.now += 60_000;
    await directory.refresh();
    assert.equal(directory.at(1_000_000)?.snapshot.trunks.length, 2);
    assert.equal(directory.at(1_020_000)?.snapshot.trunks.length, 2);
    assert.equal(directory.at(1_060_000)?.snapshot.trunks.length, 0);
    assert.equal(directory.at(0)?.snapshot.trunks.length, 2);
  });

  it('is not read more often than every ten seconds however many calls ask for it', async () => {
    const { directory, reads } = await startCounted(60);
    assert.equal(reads(), 1);
    const ask = async () => {
      for (let i = 0; i < 100; i += 1) directory.refreshSoon();
      await turns();
    };
    clock.now += 9_999;
    await ask();
    assert.equal(reads(), 1);
    clock.now += 1;
    await ask();
    assert.equal(reads(), 2);
  });

  it('is read on its interval, and sooner and then later again after failures', async () => {
    // Dice at 1: the longest waits.
    mock.method(Math, 'random', () => 1);
    const { reads, breakIt } = await startCounted(10);
    const readsWithin = async (milliseconds: number) => {
      const before = reads();
      mock.timers.tick(milliseconds - 1);
      await turns();
      assert.equal(reads(), before, `less than ${milliseconds} ms`);
      mock.timers.tick(1);
      await turns();
      assert.equal(reads(), before + 1, `${milliseconds} ms`);
    };
    await readsWithin(11_000);
    breakIt(true);
    for (const waitMs of [11_000, 2_000, 4_000, 8_000, 10_000]) await readsWithin(waitMs);
    breakIt(false);
    for (const waitMs of [10_000, 11_000]) await readsWithin(waitMs);
  });

  /** A directory that was read once, on a source that counts its readings. */
  const startCounted = async (refreshSeconds: number) => {
    const snapshot = await apiSource(api.url, 'key', 'secret')();
    let reads = 0;
    let isBroken = false;
    const source = async () => {
      reads += 1;
      if (isBroken) throw new Error('down');
      return snapshot;
    };
    const ignore = () => {};
    mock.timers.enable({ apis: ['setTimeout'] });
    const directory = new Directory({
      source,
      refreshSeconds,
      now: () => clock.now,
      events: { onRefresh: ignore, onChange: ignore, onHistoryError: ignore },
    });
    const started = directory.start();
    await turns();
    await started;
    stopLater = () => directory.stop();
    const breakIt = (breaks: boolean) => {
      isBroken = breaks;
    };
    return { directory, reads: () => reads, breakIt };
  };
  const turns = async () => {
    for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve));
  };
});

describe('a call to a number that no known trunk takes', () => {
  it('has the configuration read at once, so that a trunk made a moment ago is known', async () => {
    const configuration: LiveKitConfiguration = { inbound_trunks: [], dispatch_rules: [], state: 'up' };
    const api = await startLiveKitApi(configuration);
    const recordedCase = recorded('caller_not_allowed-101-0');
    const began = startOf(recordedCase);
    const env = { LIVEKIT_URL: api.url, LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' };
    const service = await startService(env, began - 30_000);
    try {
      Object.assign(configuration, recordedCase.livekit);
      await service.post(recordedCase.webhooks.slice(0, 3), began);
      // The reading is real I/O on loopback; nothing else tells when it is done.
      await until(() => knowsTrunks(service));
      await service.post(recordedCase.webhooks.slice(3), began);
      await service.pass(1_000);
      assert.deepEqual(Object.keys(await service.samples('sipwhy_call_failures_total')), [
        '{cause="caller_not_allowed",party="livekit_config",trunk="ST_nJXiMowJ7FZC"}',
      ]);
    } finally {
      await service.app.close();
      await api.close();
    }
  });

  const knowsTrunks = async ({ samples }: Awaited<ReturnType<typeof startService>>) =>
    Object.keys(await samples('sipwhy_trunk_info')).length > 0;
});
