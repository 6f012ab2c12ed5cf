import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CAUSES } from '../../src/diagnose/registry.ts';
import { AUTH_ROWS } from './causes/auth.ts';
import { CARRIER_ROWS } from './causes/carrier.ts';
import { CONFLICT_ROWS } from './causes/conflicts.ts';
import { HOST_ROWS } from './causes/hosts.ts';
import { JAMBONZ_ROWS } from './causes/jambonz.ts';
import { NETWORK_ROWS } from './causes/network.ts';
import { REFUSAL_ROWS } from './causes/refusals.ts';
import { ROOM_ROWS } from './causes/room.ts';
import type { Row } from './causes/row.ts';
import { explainDial, explainOnly } from './scenario.ts';

const FAMILIES: Record<string, readonly Row[]> = {
  Jambonz: JAMBONZ_ROWS,
  'the network': NETWORK_ROWS,
  'what LiveKit refuses': REFUSAL_ROWS,
  conflicts: CONFLICT_ROWS,
  'the dialled host': HOST_ROWS,
  credentials: AUTH_ROWS,
  'the room and the agent': ROOM_ROWS,
  'carriers and callees': CARRIER_ROWS,
};

// Only LiveKit's own webhooks can tell it from an agent that never joined.
const NEVER_A_HEADLINE = ['agent_not_publishing'];

for (const [family, rows] of Object.entries(FAMILIES)) {
  describe(family, () => {
    for (const { name, call, setting, want } of rows) {
      test(name, () => {
        const got = 'map' in call ? explainOnly(call, setting) : explainDial(call, setting);
        const { outcome, blocking, confidence, latent, alternatives, findings } = got;
        assert.deepEqual(
          { outcome, blocking, confidence, latent, alternatives, findings },
          {
            outcome: want.outcome ?? 'failed',
            blocking: want.blocking,
            confidence: want.confidence,
            latent: want.latent ?? [],
            alternatives: want.alternatives ?? [],
            findings: want.findings ?? [],
          },
        );
        assert.equal(got.cause, want.blocking[0] ?? null);
        if (want.trunk !== undefined) assert.equal(got.trunk, want.trunk);
      });
    }
  });
}

test('every cause is the headline of some row, and no two rows are the same', () => {
  const rows = Object.values(FAMILIES).flat();
  const headlines = new Set(rows.map(({ want }) => want.blocking[0]));
  const missing = CAUSES.map(({ id }) => id).filter((id) => !headlines.has(id));
  assert.deepEqual(missing, NEVER_A_HEADLINE);
  assert.equal(new Set(rows.map(({ name }) => name)).size, rows.length);
});

// Rows of one call without LiveKit's webhooks do not see these: test/core/livekit.test.ts and neighbours.test.ts do.
const SEEN_ELSEWHERE = [
  'agent_not_joined certain',
  'agent_not_publishing certain',
  'agent_not_publishing likely',
  'livekit_room_closed certain',
];

test('each cause declares the levels of confidence that rows see, and no others', () => {
  const rows = Object.values(FAMILIES).flat();
  const seen = rows.flatMap(({ want: { blocking, confidence } }) =>
    blocking[0] ? [`${blocking[0]} ${confidence}`] : [],
  );
  const declared = CAUSES.flatMap(({ id, confidence }) => Object.keys(confidence).map((level) => `${id} ${level}`));
  assert.deepEqual([...new Set([...seen, ...SEEN_ELSEWHERE])].toSorted(), declared.toSorted());
});
