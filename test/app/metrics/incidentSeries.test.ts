import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type OpenIncident, openIncident } from '../../../src/metrics/openIncident.ts';
import { incidentOf, settled } from '../../core/incidents/failedCalls.ts';
import { recordOnly, webhooksOf } from '../../core/scenario.ts';
import { metricsAlone, scraped } from './metricsAlone.ts';

/** The series of `sipwhy_incident_info` that show these incidents, by their ids. */
async function shown(incidents: readonly OpenIncident[]): Promise<string[]> {
  const metrics = metricsAlone();
  metrics.incidents.show(incidents);
  const text = await scraped(metrics);
  return [...text.matchAll(/^sipwhy_incident_info\{.*?incident="([^"]+)"/gm)].map(([, id = '']) => id);
}

const openedAt = (minute: number): OpenIncident => ({
  incident: `incident-${minute}`,
  cause: 'trunk_conflict',
  party: 'livekit_config',
  trunk: `ST_${minute}`,
  trunkName: '',
  status: '503',
  firstCallAt: 0,
  lastCallAt: minute * 60_000,
  isMuted: false,
});

it('of more than 200 open incidents those with the latest failures have series', async () => {
  const all = Array.from({ length: 203 }, (_, minute) => openedAt(minute));
  const ids = await shown(all);
  assert.equal(ids.length, 200);
  for (const oldest of [0, 1, 2]) assert.ok(!ids.includes(`incident-${oldest}`), `${oldest}`);
  assert.equal((await shown(all.slice(0, 200))).length, 200);
});

it('an open incident says how its latest call ended', () => {
  const incident = incidentOf(settled('a', 0, recordOnly(webhooksOf({ response: [503, 'Try again later', 200] }))));
  for (const [cause, status] of [
    ['trunk_conflict', '503'],
    ['agent_left_caller', 'Dropped'],
    ['transfer_failed', 'Connected'],
  ] as const) {
    assert.equal(openIncident({ ...incident, cause }, undefined, 0).status, status, cause);
  }
  const { status: _, ...unanswered } = incident;
  assert.equal(openIncident(unanswered, undefined, 0).status, 'No answer');
});
