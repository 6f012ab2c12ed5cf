import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incidentJson, incidentText } from '../../../src/core/explain/incidentJson.ts';
import { close, type Incident } from '../../../src/core/incidents/incident.ts';
import { fail, incidentOf, MINUTE, NOT_ALLOWED, settled, T0 } from './failedCalls.ts';

const TEXT = 'allowed_numbers of ST_1 changed from [] to [+15550999]';

/** A change that was read so many minutes after the first call of the test. */
function changed(minute: number, fields: object = {}) {
  const change = {
    at: T0 + minute * MINUTE,
    cause: 'caller_not_allowed',
    trunk: 'ST_1',
    texts: [TEXT],
    verdictBefore: 'admitted',
    wasBetter: true,
    secondsBefore: 30,
    firstFailureSecondsAfter: undefined,
    ...fields,
  };
  return { change };
}

const changeOf = (incident: Incident) => incidentJson(incident, undefined, T0).change;

describe('the change that the calls of an incident followed', () => {
  it('is told of all its calls, not of one', () => {
    const incident = incidentOf(settled('a', 0, NOT_ALLOWED, changed(0)), settled('b', 5, NOT_ALLOWED, changed(0)));
    const text = `Calls began to fail 30 s after ${TEXT}. Under the configuration before that, these calls would have got further.`;
    assert.equal(changeOf(incident)?.text, text);
    assert.doesNotMatch(JSON.stringify(changeOf(incident)), /this call/);
    assert.ok(
      incidentText(incidentJson(incident, undefined, T0))
        .split('\n')
        .includes(text),
    );
  });

  const times: [what: string, fields: object, when: string][] = [
    ['when failures began, where calls before are known', { firstFailureSecondsAfter: 12 }, '12 s after'],
    ['many seconds as minutes', { secondsBefore: 3_540 }, '59 min after'],
    ['a change that was read only with the call', { secondsBefore: 0 }, 'at about the time that'],
  ];
  for (const [what, fields, when] of times) {
    it(`has ${what}`, () => {
      const incident = incidentOf(settled('a', 0, NOT_ALLOWED, changed(0, { wasBetter: false, ...fields })));
      assert.equal(changeOf(incident)?.text, `Calls began to fail ${when} ${TEXT}.`);
    });
  }

  const others: [what: string, fields: object, isShown: boolean][] = [
    ['of what another of the calls’ causes rests on is not', { cause: 'auth_missing' }, false],
    ['of another trunk that kept no call out is not', { trunk: 'ST_2', wasBetter: false }, false],
    ['of another trunk that brought the calls here is', { trunk: 'ST_2' }, true],
    ['that was no trunk’s is', { trunk: undefined, wasBetter: false }, true],
  ];
  for (const [what, fields, isShown] of others) {
    it(`${what} shown`, () => {
      const incident = incidentOf(settled('a', 0, NOT_ALLOWED, changed(0, fields)));
      assert.equal(changeOf(incident) !== null, isShown);
    });
  }

  it('is no more, once a call is known that failed before it', () => {
    const incident = incidentOf(settled('b', 5, NOT_ALLOWED, changed(4)));
    assert.notEqual(changeOf(incident), null);
    assert.notEqual(changeOf(fail(incident, settled('a', 4.5, NOT_ALLOWED)).incident), null);
    assert.equal(changeOf(fail(incident, settled('a', 1, NOT_ALLOWED)).incident), null);
  });

  it('is the one that opened it again', () => {
    const before = incidentOf(settled('a', 0, NOT_ALLOWED));
    const closed = close(before, 'recheck_passes', T0 + MINUTE).incident;
    const { incident, event } = fail(closed, settled('b', 10, NOT_ALLOWED, changed(9)));
    assert.deepEqual([event, changeOf(incident)?.changes], ['reopened', [TEXT]]);
  });

  it('stays, if the call that opened it again followed none', () => {
    const before = incidentOf(settled('a', 1, NOT_ALLOWED, changed(0)));
    const closed = close(before, 'recheck_passes', T0 + 2 * MINUTE).incident;
    const { incident, event } = fail(closed, settled('b', 10, NOT_ALLOWED));
    assert.deepEqual([event, changeOf(incident)?.changes], ['reopened', [TEXT]]);
  });
});
