import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atOnce } from '../../../src/core/atOnce.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { type CallKind, kindOf } from '../../../src/core/predict/callKind.ts';
import { hitsInSteps } from '../../../src/core/predict/forecast.ts';
import { openedHoles } from '../../../src/core/predict/holes.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import type { Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { RECORDED, type RecordedCase } from '../../app/service.ts';

const SEED = Number(process.env.SEED ?? 20_261_127);
const EDITS = 200;

/** A generator of numbers that repeats itself (mulberry32). */
function randomly(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

interface Item {
  readonly [field: string]: unknown;
}
interface Configuration {
  inbound_trunks: Item[];
  dispatch_rules: Item[];
}
type Edit = (configuration: Configuration, random: (below: number) => number) => void;

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value : []);
const replaced = (items: Item[], at: number, fields: object) => {
  const item = items[at];
  if (item) items[at] = { ...item, ...fields };
};

/** Edits after which every call that connected lands where it did, and nobody else gets in. */
const HARMLESS: Readonly<Record<string, Edit>> = {
  'a trunk is renamed': ({ inbound_trunks }, random) =>
    replaced(inbound_trunks, random(inbound_trunks.length), { name: `renamed ${random(100)}` }),
  'a rule is renamed': ({ dispatch_rules }, random) =>
    replaced(dispatch_rules, random(dispatch_rules.length), { name: `renamed ${random(100)}` }),
  'a trunk gets metadata': ({ inbound_trunks }, random) =>
    replaced(inbound_trunks, random(inbound_trunks.length), { metadata: `m${random(100)}` }),
  'a rule gets attributes': ({ dispatch_rules }, random) =>
    replaced(dispatch_rules, random(dispatch_rules.length), { attributes: { tier: `${random(9)}` } }),
  'a trunk that lists numbers gets one more': ({ inbound_trunks }, random) => {
    const at = random(inbound_trunks.length);
    const numbers = listOf(inbound_trunks[at]?.numbers);
    if (numbers.length > 0) replaced(inbound_trunks, at, { numbers: [...numbers, `+1555017${random(10)}`] });
  },
  'a trunk that lists callers gets one more': ({ inbound_trunks }, random) => {
    const at = random(inbound_trunks.length);
    const allowed = listOf(inbound_trunks[at]?.allowed_numbers);
    if (allowed.length > 0) replaced(inbound_trunks, at, { allowed_numbers: [...allowed, `+1555018${random(10)}`] });
  },
  'a trunk that lists addresses gets one more': ({ inbound_trunks }, random) => {
    const at = random(inbound_trunks.length);
    const addresses = listOf(inbound_trunks[at]?.allowed_addresses);
    if (addresses.length > 0)
      replaced(inbound_trunks, at, { allowed_addresses: [...addresses, `203.0.113.${random(250)}`] });
  },
  'the trunks come in another order': ({ inbound_trunks }) => void inbound_trunks.reverse(),
  'the rules come in another order': ({ dispatch_rules }) => void dispatch_rules.reverse(),
  'the lists of a trunk come in another order': ({ inbound_trunks }, random) => {
    const at = random(inbound_trunks.length);
    replaced(inbound_trunks, at, { numbers: listOf(inbound_trunks[at]?.numbers).toReversed() });
  },
  'a closed trunk for another number is added, with its rule': (configuration, random) => {
    const id = `ST_new${random(1000)}`;
    const closed = { allowed_addresses: ['203.0.113.7'], auth_username: 'new', auth_password: 'secret' };
    configuration.inbound_trunks.push({ sip_trunk_id: id, name: 'new', numbers: [`+1555019${random(10)}`], ...closed });
    const rule = { dispatch_rule_individual: { room_prefix: 'new-' } };
    configuration.dispatch_rules.push({ sip_dispatch_rule_id: `SDR_${id}`, trunk_ids: [id], rule });
  },
  'a trunk rings longer': ({ inbound_trunks }, random) =>
    replaced(inbound_trunks, random(inbound_trunks.length), { ringing_timeout: `${20 + random(60)}s` }),
  'a trunk gets noise cancellation': ({ inbound_trunks }, random) =>
    replaced(inbound_trunks, random(inbound_trunks.length), { krisp_enabled: true }),
};

function snapshotOf(configuration: Configuration): Snapshot {
  const reading = readSnapshot(configuration);
  assert.ok(reading.ok);
  return reading.snapshot;
}

/** Recorded calls that LiveKit admitted, with the kind of calls that they are. */
interface Connected {
  readonly recorded: RecordedCase;
  readonly site: ReturnType<typeof siteFrom>;
  readonly kind: CallKind;
}

function connectedOf(recorded: RecordedCase): Connected[] {
  const site = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [recorded.invite.source_ip] });
  const leg = recorded.webhooks.map(({ body }) => JSON.parse(body)).find(({ direction }) => direction === 'outbound');
  if (!recorded.expected.outcome.startsWith('admitted') || !leg) return [];
  const call = { to: leg.to, from: leg.from, declaredAuth: undefined };
  const kind = kindOf(site, snapshotOf(recorded.livekit as Configuration), call);
  return kind ? [{ recorded, site, kind }] : [];
}

describe('no prediction', () => {
  const connected = RECORDED.flatMap(connectedOf);

  it('is tried on enough recorded calls', () => assert.ok(connected.length >= 20, `${connected.length}`));

  it(`comes of ${EDITS} random harmless edits of recorded configurations (SEED=${SEED})`, () => {
    const random = randomly(SEED);
    const names = Object.keys(HARMLESS);
    const tried = new Map<string, number>();
    for (let i = 0; i < EDITS; i += 1) {
      const { recorded, site, kind } = connected[random(connected.length)] ?? assert.fail();
      const changed = structuredClone(recorded.livekit) as Configuration;
      const before = snapshotOf(recorded.livekit as Configuration);
      const done = [names[random(names.length)] ?? '', names[random(names.length)] ?? ''];
      for (const name of done) HARMLESS[name]?.(changed, random);
      const after = snapshotOf(changed);
      const hits = atOnce(hitsInSteps(site, after, [{ key: 'k', kind, callsPerDay: 1 }]));
      const holes = atOnce(openedHoles(before, after));
      assert.deepEqual([hits, holes], [[], []], `${recorded.id}: ${done.join('; ')}`);
      for (const name of done) tried.set(name, (tried.get(name) ?? 0) + 1);
    }
    assert.deepEqual([...tried.keys()].toSorted(), names.toSorted(), 'each edit was tried');
  });
});
