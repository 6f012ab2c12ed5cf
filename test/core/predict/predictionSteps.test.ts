import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { kindOf } from '../../../src/core/predict/callKind.ts';
import { type Hit, hitsInSteps } from '../../../src/core/predict/forecast.ts';
import { openedHoles } from '../../../src/core/predict/holes.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';
import { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { limitHere } from '../../machineSpeed.ts';

const TRUNKS = 10_000;
const KINDS = 1_000;
/** The event loop may be held for 50 ms. */
const LONGEST_STEP_MS = 50;
const RUNS = 3;

const site = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: ['192.0.2.10'] });

/** Trunks with a number each; `change` is a second number of each trunk. */
function trunks(change: string): Snapshot {
  const each = Array.from({ length: TRUNKS }, (_, i) => i);
  return new Snapshot({
    trunks: each.map((i) =>
      parseTrunk({
        sip_trunk_id: `ST_${i}`,
        numbers: [`+1555${i}`, `${change}${i}`],
        allowed_addresses: ['192.0.2.10'],
      }),
    ),
    rules: each.map((i) =>
      parseRule({
        sip_dispatch_rule_id: `SDR_${i}`,
        trunk_ids: [`ST_${i}`],
        rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
      }),
    ),
  });
}

/** The longest step, in milliseconds of processor time, and the result. */
function run<T>(steps: Generator<void, T>): { readonly longest: number; readonly result: T } {
  let longest = 0;
  for (;;) {
    const before = process.threadCpuUsage();
    const { done, value } = steps.next();
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1_000);
    if (done) return { longest, result: value };
  }
}

describe(`${KINDS} kinds of calls against ${TRUNKS} trunks at a change`, () => {
  const [before, after] = [trunks('+1777'), trunks('+1888')];
  for (const snapshot of [before, after]) for (const _ of snapshot.prepare(false));
  const kinds = Array.from({ length: KINDS }, (_, i) => {
    const kind = kindOf(site, before, {
      to: `sip:+1777${i * 10}@livekit.example`,
      from: '+15550123',
      declaredAuth: undefined,
    });
    assert.ok(kind);
    return { key: `${i}`, kind, callsPerDay: 1 };
  });

  it(`take no step of more than ${LONGEST_STEP_MS} ms, or more on a slow machine`, async () => {
    // Each number was removed, which is the costliest: each cause is weighed.
    const runs = Array.from({ length: RUNS }, () => run<Hit[]>(hitsInSteps(site, after, kinds)));
    assert.equal(runs[0]?.result.length, KINDS);
    const longest = Math.min(...runs.map((one) => one.longest));
    assert.ok(longest <= (await limitHere(LONGEST_STEP_MS, longest)), `${longest} ms`);
  });

  it('nor does the search for holes', async () => {
    const longest = Math.min(...Array.from({ length: RUNS }, () => run(openedHoles(before, after)).longest));
    assert.ok(longest <= (await limitHere(LONGEST_STEP_MS, longest)), `${longest} ms`);
  });
});
