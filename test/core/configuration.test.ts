import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KnownConfiguration } from '../../src/core/diagnose/facts/facts.ts';
import { siteFrom } from '../../src/core/diagnose/facts/site.ts';
import { VirtualCalls } from '../../src/core/replay/virtualCalls.ts';
import { readSnapshot } from '../../src/core/trunks/readSnapshot.ts';
import { EPOCH_MS, eventOf } from './running.ts';
import { type Dial, FITTING, rule, SBC, trunk, webhooksOf } from './scenario.ts';

const SITE = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [SBC] });
const BARRED = { inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })], dispatch_rules: [rule()] };
const SILENT: Dial = { ringing: [90], dialGaveUpAt: 20_000 };
const FRESH = { ageSeconds: 5, isStale: false };
const STALE = { ageSeconds: 7_200, isStale: true };

function known(livekit: object, age: { ageSeconds: number; isStale: boolean }): KnownConfiguration {
  const reading = readSnapshot(livekit);
  if (!reading.ok) throw new Error(reading.faults.join());
  return { snapshot: reading.snapshot, ...age };
}

/** The diagnosis of a dial, with the configuration that is known at a time in milliseconds since the call began. */
function diagnosis(dial: Dial, configurationAt: (at: number) => KnownConfiguration | undefined) {
  const pipeline = new VirtualCalls(SITE, (at) => configurationAt(at - EPOCH_MS));
  for (const webhook of webhooksOf(dial)) pipeline.accept(eventOf(webhook));
  const [verdict] = pipeline.settle(EPOCH_MS + 60_000);
  assert.ok(verdict);
  return verdict.diagnosis;
}

describe('LiveKit’s configuration', () => {
  test('that is fresh makes a cause certain', () => {
    const { cause, confidence, unknowns } = diagnosis(SILENT, () => known(BARRED, FRESH));
    assert.deepEqual([cause, confidence, unknowns], ['caller_not_allowed', 'certain', []]);
  });

  test('that is stale makes the same cause likely at most, and the diagnosis says how old it was', () => {
    const { cause, confidence, unknowns } = diagnosis(SILENT, () => known(BARRED, STALE));
    assert.deepEqual([cause, confidence], ['caller_not_allowed', 'likely']);
    assert.ok(
      unknowns.some((unknown) => unknown.includes('7200 s')),
      unknowns.join(),
    );
  });

  test('that is missing leaves the cause open, and the diagnosis says what would settle it', () => {
    const { cause, confidence, unknowns, trunk } = diagnosis(SILENT, () => undefined);
    assert.deepEqual([cause, confidence, trunk], ['unclassified', 'possible', 'unknown']);
    assert.ok(
      unknowns.some((unknown) => unknown.includes('LIVEKIT_URL')),
      unknowns.join(),
    );
  });

  for (const [what, configuration] of [
    ['stale', known(FITTING, STALE)],
    ['missing', undefined],
  ] as const) {
    test(`that is ${what} does not touch what a phrase says by itself`, () => {
      const dial: Dial = { response: [503, 'Maximum Calls In Progress', 30] };
      const { cause, confidence } = diagnosis(dial, () => configuration);
      assert.deepEqual([cause, confidence], ['jambonz_capacity', 'certain']);
    });
  }

  test('is that of the call’s own time, not of the time of the verdict', () => {
    const changedAfterBegin = (at: number) => known(at < 5_000 ? BARRED : FITTING, FRESH);
    assert.equal(diagnosis(SILENT, changedAfterBegin).cause, 'caller_not_allowed');
    const changedBeforeBegin = (at: number) => known(at < 100 ? BARRED : FITTING, FRESH);
    assert.equal(diagnosis(SILENT, changedBeforeBegin).cause, 'unclassified');
  });
});
