import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type RecordedCase, recorded, startOf, startService } from '../service.ts';

const directory = mkdtempSync(join(tmpdir(), 'sipwhy-metrics-'));
after(() => rmSync(directory, { recursive: true }));

/** Starts a service on a configuration of LiveKit's, lets some recorded calls happen one after the other, and stops it. */
async function afterCalls<T>(
  { livekit, calls, env = {} }: { livekit: object; calls: readonly RecordedCase[]; env?: Record<string, string> },
  look: (service: Awaited<ReturnType<typeof startService>>) => Promise<T>,
): Promise<T> {
  const file = join(directory, 'livekit.json');
  writeFileSync(file, JSON.stringify(livekit));
  const [first] = calls;
  const service = await startService({ LIVEKIT_CONFIG_FILE: file, ...env }, first && startOf(first));
  try {
    for (const call of calls) {
      await service.post(call.webhooks, startOf(call));
      await service.pass(8_000);
    }
    return await look(service);
  } finally {
    await service.app.close();
  }
}

describe('post-dial delay', () => {
  const delays = (id: string, leaveOut: readonly number[] = []) => {
    const call = recorded(id);
    const webhooks = call.webhooks.filter((_, i) => !leaveOut.includes(i));
    return afterCalls({ livekit: call.livekit, calls: [{ ...call, webhooks }] }, (service) =>
      service.samples('sipwhy_post_dial_delay_seconds_sum'),
    );
  };

  it('is the time from the INVITE to the first ringing, whatever came later', async () => {
    // Recorded: trying at 160 ms, the first of several 180s at 250 ms.
    assert.deepEqual(await delays('agent_absent-101-0'), { '{outcome="failed"}': 0.09 });
  });

  it('is the time to the refusal where nothing rang', async () => {
    // Recorded: trying at 160 ms, 503 at 390 ms.
    assert.deepEqual(await delays('trunk_conflict_specific-101-0'), { '{outcome="failed"}': 0.23 });
  });

  it('is not measured where the INVITE was not reported, rather than as nothing', async () => {
    assert.deepEqual(await delays('trunk_conflict_specific-101-0', [2]), {});
  });
});

describe('the waits for ringing and for an answer', () => {
  const waits = (call: RecordedCase) =>
    afterCalls({ livekit: call.livekit, calls: [call] }, async ({ samples }) => [
      await samples('sipwhy_call_wait_seconds_total'),
      await samples('sipwhy_call_waits_total'),
    ]);

  it('are counted by trunk', async () => {
    // Recorded: trying at 160 ms, the first of several 180s at 250 ms, and no answer.
    const call = recorded('agent_absent-101-0');
    const trunk = 'ST_LfMV7sYdzmU7';
    assert.deepEqual(await waits(call), [
      { [`{trunk="${trunk}",until="ringing"}`]: 0.09 },
      { [`{trunk="${trunk}",until="ringing"}`]: 1 },
    ]);
  });

  it('start at zero for each trunk', async () => {
    await afterCalls({ livekit: recorded('agent_absent-101-0').livekit, calls: [] }, async ({ app }) => {
      const { body } = await app.http.inject('/metrics');
      for (const name of ['sipwhy_call_waits_total', 'sipwhy_call_wait_seconds_total']) {
        for (const until of ['ringing', 'answer']) {
          assert.ok(body.includes(`${name}{trunk="ST_LfMV7sYdzmU7",until="${until}"} 0\n`), `${name} ${until}`);
        }
      }
    });
  });

  it('are not counted where nothing rang', async () => {
    assert.deepEqual(await waits(recorded('trunk_conflict_specific-101-0')), [{}, {}]);
  });
});

describe('what hides behind a 503', () => {
  const failuresOf503 = (id: string) => {
    const call = recorded(id);
    const env = { JAMBONZ_SBC_ADDRESSES: call.invite.source_ip };
    return afterCalls({ livekit: call.livekit, calls: [call], env }, (service) =>
      service.samples('sipwhy_call_failures_503_total'),
    );
  };

  it('is counted by cause', async () => {
    const labels = '{cause="trunk_conflict",party="livekit_config"}';
    assert.deepEqual(await failuresOf503('trunk_conflict_specific-101-0'), { [labels]: 1 });
  });

  it('holds no call that failed with another status', async () => {
    assert.deepEqual(await failuresOf503('auth_missing-101-0'), {});
  });
});

describe('the number of series', () => {
  const call = recorded('trunk_conflict_specific-101-0');

  it('is bounded: trunks beyond the limit count as other, and that is counted', async () => {
    await afterCalls(
      { livekit: call.livekit, calls: [recorded('auth_missing-101-0')], env: { METRICS_TRUNK_LIMIT: '1' } },
      async ({ app, samples }) => {
        const [own, other] = Object.keys(await samples('sipwhy_trunk_info'));
        assert.match(own ?? '', /trunk="ST_/);
        assert.match(other ?? '', /trunk="other"/);
        const folded = call.livekit.inbound_trunks.length - 1;
        assert.equal((await samples('sipwhy_series_overflow_total'))['{metric="sipwhy_trunk_info"}'], folded);
        const { body } = await app.http.inject('/metrics');
        const trunks = new Set([...body.matchAll(/trunk="([^"]*)"/g)].map(([, trunk]) => trunk));
        assert.equal(trunks.size, 4, [...trunks].join());
      },
    );
  });

  it('folds failures of a trunk beyond the limit into other, in both counters alike', async () => {
    const failing = recorded('caller_not_allowed-101-0');
    const [trunk] = failing.livekit.inbound_trunks;
    const others = [1, 2].map((n) => ({ ...trunk, sip_trunk_id: `ST_before${n}`, numbers: [`+1555010${n}`] }));
    const livekit = { ...failing.livekit, inbound_trunks: [...others, ...failing.livekit.inbound_trunks] };
    const env = { METRICS_TRUNK_LIMIT: '2', JAMBONZ_SBC_ADDRESSES: failing.invite.source_ip };
    await afterCalls({ livekit, calls: [failing], env }, async ({ samples }) => {
      assert.deepEqual(await samples('sipwhy_call_failures_total'), {
        '{cause="caller_not_allowed",party="livekit_config",trunk="other"}': 1,
      });
      assert.deepEqual(await samples('sipwhy_call_attempts_total'), { '{trunk="other",outcome="failed"}': 1 });
      const overflow = await samples('sipwhy_series_overflow_total');
      assert.equal(overflow['{metric="sipwhy_call_failures_total"}'], 1);
      assert.equal(overflow['{metric="sipwhy_call_attempts_total"}'], 1);
    });
  });
});

describe('the exposition', () => {
  const call = recorded('auth_missing-101-0');

  it('holds nothing that docs/metrics.md does not declare, and every counter from the start', async () => {
    const page = readFileSync(fileURLToPath(new URL('../../../docs/metrics.md', import.meta.url)), 'utf8');
    const declared = new Map(
      [...page.matchAll(/^\| `(sipwhy_\w+)` \| (counter|gauge|histogram) \|/gm)].map(([, name, type]) => [name, type]),
    );
    const values = new Map(
      [...page.matchAll(/^\| `(sipwhy_\w+)` \| `(\w+)` \| (.*) \|$/gm)].map(([, name, label, text = '']) => [
        `${name} ${label}`,
        text,
      ]),
    );
    await afterCalls({ livekit: call.livekit, calls: [call] }, async ({ app }) => {
      const { body } = await app.http.inject('/metrics');
      const types = new Map([...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
      assert.deepEqual([...types].sort(), [...declared].sort());
      for (const [, sample = '', labels = ''] of body.matchAll(/^(sipwhy_\w+)\{(.*)\} \S+$/gm)) {
        const metric = types.has(sample) ? sample : sample.replace(/_(bucket|sum|count)$/, '');
        for (const [, label = '', value] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
          if (label === 'le') continue;
          const text = values.get(`${metric} ${label}`);
          assert.ok(text, `${metric} has a label ${label} that is not documented`);
          // What is in words is not a closed list.
          const isClosed = text.startsWith('`');
          assert.ok(!isClosed || text.includes(`\`${value}\``), `${metric}: ${label}="${value}" is not documented`);
        }
      }
    });
  });

  it('says how often LiveKit’s configuration is read, how long it took, and how webhooks are answered', async () => {
    await afterCalls({ livekit: call.livekit, calls: [call] }, async ({ samples }) => {
      assert.deepEqual(await samples('sipwhy_livekit_refresh_interval_seconds'), { '': 60 });
      assert.ok(((await samples('sipwhy_livekit_refresh_seconds_count'))[''] ?? 0) >= 1);
      assert.deepEqual(await samples('sipwhy_webhook_seconds_count'), {
        '{hook="call_status"}': call.webhooks.filter(({ path }) => path.endsWith('call-status')).length,
        '{hook="dial_action"}': 1,
      });
      assert.deepEqual(await samples('sipwhy_store_up'), { '': 1 });
    });
  });

  it('says how webhooks reach the store, with nothing left over', async () => {
    await afterCalls({ livekit: call.livekit, calls: [call] }, async ({ app, samples }) => {
      assert.deepEqual(await samples('sipwhy_journal_fed_total'), { '{result="stored"}': call.webhooks.length });
      assert.ok(((await samples('sipwhy_journal_commit_seconds_count'))[''] ?? 0) >= 1);
      const { body } = await app.http.inject('/metrics');
      for (const name of ['backlog_bytes', 'oldest_event_age_seconds', 'set_aside_events', 'damaged_bytes_total']) {
        assert.match(body, new RegExp(`^sipwhy_journal_${name} 0$`, 'm'));
      }
    });
  });

  it('counts a change of the configuration under each trunk that it concerns', async () => {
    await afterCalls({ livekit: call.livekit, calls: [] }, async ({ app, samples }) => {
      assert.deepEqual(await samples('sipwhy_livekit_changes_total'), {});
      const trunks = call.livekit.inbound_trunks.map((trunk) => ({ ...trunk, numbers: ['+15550100'] }));
      writeFileSync(join(directory, 'livekit.json'), JSON.stringify({ ...call.livekit, inbound_trunks: trunks }));
      await app.refresh();
      const ids = call.livekit.inbound_trunks.map((trunk) => Reflect.get(trunk, 'sip_trunk_id'));
      assert.deepEqual(
        await samples('sipwhy_livekit_changes_total'),
        Object.fromEntries(ids.map((id) => [`{trunk="${id}"}`, 1])),
      );
    });
  });
});
