import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incidentJson, incidentNotice } from '../../../src/core/explain/incidentJson.ts';
import { incidentOf, NOT_ALLOWED, settled, T0 } from './failedCalls.ts';

describe('what others are told', () => {
  const json = incidentJson(incidentOf(settled('a', 0, NOT_ALLOWED)), 'line +1 555 0100 <!channel>', T0);

  it('has the incident without numbers, and nothing to paste', () => {
    const { type, timestamp, data } = JSON.parse(incidentNotice(json, 'worsened', T0, 'standard'));
    assert.deepEqual([type, timestamp], ['incident.worsened', new Date(T0).toISOString()]);
    assert.deepEqual([data.id, data.fix.pastes, data.fix.proof], [json.id, [], 'connects']);
    assert.ok(json.fix && json.fix.pastes.length > 0);
    assert.doesNotMatch(JSON.stringify(data), /5550123|555 0100/);
  });
  it('mentions nobody in Slack', () => {
    const { text } = JSON.parse(incidentNotice(json, 'opened', T0, 'slack'));
    assert.match(text, /&lt;!channel&gt;/);
    assert.doesNotMatch(text, /<!channel>/);
  });
});
