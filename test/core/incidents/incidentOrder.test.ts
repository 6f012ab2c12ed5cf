import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comparePlaces, type IncidentSort, placeIn, type Sortable } from '../../../src/core/incidents/incidentOrder.ts';

const PLAIN = { isOpen: true, isMuted: false, openedAt: 0, lastAt: 0, failed: 0 };
const INCIDENTS: readonly Sortable[] = [
  { ...PLAIN, id: 'closed, many', isOpen: false, openedAt: 5, lastAt: 5, failed: 90 },
  { ...PLAIN, id: 'muted, many', isMuted: true, openedAt: 6, lastAt: 8, failed: 80 },
  { ...PLAIN, id: 'few, late', openedAt: 3, lastAt: 9, failed: 2 },
  { ...PLAIN, id: 'few, early', openedAt: 4, lastAt: 7, failed: 2 },
  { ...PLAIN, id: 'some', openedAt: 1, lastAt: 6, failed: 30 },
];

function idsBy(sort: IncidentSort): string[] {
  return INCIDENTS.map((incident) => placeIn(sort, incident))
    .sort(comparePlaces)
    .map(({ id }) => id);
}

describe('incidents', () => {
  it('by impact: open, not muted, with most failed calls, with the latest', () =>
    assert.deepEqual(idsBy('impact'), ['some', 'few, late', 'few, early', 'muted, many', 'closed, many']));

  it('by age: open ones first, then those that opened last', () =>
    assert.deepEqual(idsBy('newest'), ['muted, many', 'few, early', 'few, late', 'some', 'closed, many']));

  it('by their latest failed call', () =>
    assert.deepEqual(idsBy('last'), ['few, late', 'muted, many', 'few, early', 'some', 'closed, many']));

  it('have a place each, even if nothing else differs', () => {
    const [a, b] = [placeIn('last', { ...PLAIN, id: 'a' }), placeIn('last', { ...PLAIN, id: 'b' })];
    assert.deepEqual([comparePlaces(a, b), comparePlaces(b, a), comparePlaces(a, a)], [1, -1, 0]);
  });
});
