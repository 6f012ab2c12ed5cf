import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incidentJson } from '../../../src/core/explain/incidentJson.ts';
import { incidentLinks, traceIdOf, traceUrl } from '../../../src/core/explain/links.ts';
import { incidentOf, MINUTE, NO_DNS, settled, T0 } from '../incidents/failedCalls.ts';

const INCIDENT = {
  ...incidentOf(settled('leg/1', 0, NO_DNS), settled('leg/2', 60, NO_DNS)),
  id: 'b7a5',
  cause: 'dns_failure',
  trunk: 'ST_1',
} as const;

describe('the links of an incident', () => {
  it('are relative to the page if its address is not set', () =>
    assert.deepEqual(incidentLinks(INCIDENT, {}), {
      page: '?view=incidents&incident=b7a5',
      runbook: 'runbooks/dns_failure',
      grafana: null,
      ticket: 'api/v1/calls/leg%2F2?format=markdown',
    }));

  it('lead to the page and to the dashboard of its trunk, from half an hour before its first call', () => {
    const targets = { pageUrl: 'https://example.com/sipwhy', grafanaUrl: 'https://grafana.example.com' };
    assert.deepEqual(incidentLinks(INCIDENT, targets), {
      page: 'https://example.com/sipwhy/?view=incidents&incident=b7a5',
      runbook: 'https://example.com/sipwhy/runbooks/dns_failure',
      grafana: `https://grafana.example.com/d/sipwhy-trunk?var-trunk=ST_1&from=${T0 - 30 * MINUTE}&to=now`,
      ticket: 'https://example.com/sipwhy/api/v1/calls/leg%2F2?format=markdown',
    });
    const closed = { ...INCIDENT, closed: { at: T0 + 70 * MINUTE, because: 'no_calls' as const } };
    assert.match(incidentLinks(closed, targets).grafana ?? '', new RegExp(`&to=${T0 + 90 * MINUTE}$`));
  });
});

describe('the trace of a call', () => {
  const template = { traceUrlTemplate: 'https://traces.example.com/{trace_id}?all={trace_id}' };

  it('is at the place of its id, which is escaped', () => {
    assert.equal(traceUrl('4bf9', template), 'https://traces.example.com/4bf9?all=4bf9');
    assert.equal(traceUrl('a/b?$&', template), 'https://traces.example.com/a%2Fb%3F%24%26?all=a%2Fb%3F%24%26');
    assert.equal(traceUrl(undefined, template), null);
    assert.equal(traceUrl('4bf9', {}), null);
  });

  it('is that of the leg, or else that of another leg of the call', () => {
    const events = [{ callSid: 'a' }, { callSid: 'a', traceId: 'of a' }, { callSid: 'b', traceId: 'of b' }];
    assert.deepEqual(
      ['a', 'b', 'c'].map((sid) => traceIdOf(events, sid)),
      ['of a', 'of b', 'of a'],
    );
    assert.equal(traceIdOf([{ callSid: 'a' }], 'a'), undefined);
  });
});

describe('the command of an incident', () => {
  const paste = (format: 'json' | 'shell', text: string) => ({ label: '', format, text });
  const commandOf = (...pastes: ReturnType<typeof paste>[]) =>
    incidentJson({ ...INCIDENT, fix: { action: 'Mend it.', pastes } }, undefined, T0).command;

  it('is the first one that runs as it is', () => {
    assert.equal(commandOf(paste('json', '{}'), paste('shell', 'lk a'), paste('shell', 'lk b')), 'lk a');
    assert.equal(commandOf(paste('shell', 'lk --pin <the pin of the rule>'), paste('shell', 'lk b')), 'lk b');
    assert.equal(commandOf(paste('json', '{}')), null);
    assert.equal(incidentJson({ ...INCIDENT, fix: undefined } as never, undefined, T0).command, null);
  });
});
