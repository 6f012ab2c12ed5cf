import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atOnce } from '../../../src/core/atOnce.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import type { AttemptRecord } from '../../../src/core/diagnose/record.ts';
import { afterFixText, incidentJson, incidentText } from '../../../src/core/explain/incidentJson.ts';
import { type CallWithEffects, withEffects } from '../../../src/core/explain/withEffects.ts';
import type { AfterFix, Incident } from '../../../src/core/incidents/incident.ts';
import { incidentOf, NOT_ALLOWED, OTHERS_ONLY, SITE, settled, snapshotOf, T0 } from '../incidents/failedCalls.ts';
import { explainDial, recordDial, WITH_PASSWORD } from '../scenario.ts';

describe('a fix of LiveKit’s configuration', () => {
  const snapshot = snapshotOf(OTHERS_ONLY);
  /** What is said of the fixes of a dropped call that the trunk bars. */
  function effects(recent: readonly AttemptRecord[], site = SITE) {
    const explained = explainDial({ ringing: [90], dialGaveUpAt: 20_000 }, { livekit: OTHERS_ONLY });
    // The cast: of a call, only its attempts' fixes are read.
    const call = { attempts: [explained] } as unknown as CallWithEffects;
    return atOnce(withEffects(call, site, snapshot, recent)).attempts[0]?.fixes.map((fix) => fix.effects);
  }
  const without = (key: 'from' | 'to') => {
    const { [key]: _, ...rest } = NOT_ALLOWED;
    return rest;
  };

  it('is tried on recent calls to LiveKit', () => {
    assert.deepEqual(effects([NOT_ALLOWED, NOT_ALLOWED])?.[0], {
      calls: 2,
      newly_admitted: 2,
      newly_refused: 0,
      newly_conflicting: 0,
      exposes: [],
    });
  });

  it('is not tried on a leg to somewhere else, nor on one without a target', () => {
    const carrier = { ...NOT_ALLOWED, to: 'sip:+15550100@carrier.example.com' };
    assert.equal(effects([carrier, { ...NOT_ALLOWED, to: '+15550100' }, without('to')])?.[0]?.calls, 0);
    const anywhere = siteFrom({ sipHosts: [], livekitUrlHost: undefined, sbcAddresses: [] });
    assert.equal(effects([carrier], anywhere)?.[0]?.calls, 1);
  });

  it('is tried on a call with an unknown caller', () => {
    assert.deepEqual([effects([without('from')])?.[0]?.calls, effects([without('from')])?.[0]?.newly_admitted], [1, 0]);
  });

  it('alone has side effects: a changed dial verb affects no other call', () => {
    const tag = { sipwhy: { auth_username: false } };
    const explained = explainDial({ tag, response: [407, 'Unauthorized', 200] }, { livekit: WITH_PASSWORD });
    const call = { attempts: [explained] } as unknown as CallWithEffects;
    const [attempt] = atOnce(withEffects(call, SITE, snapshotOf(WITH_PASSWORD), [NOT_ALLOWED])).attempts;
    assert.ok(attempt?.fixes.some(({ change }) => change?.kind === 'dial'));
    assert.ok(attempt?.fixes.every(({ change, effects }) => change?.kind !== 'dial' || effects === undefined));
  });
});

describe('the state of an incident after a fix', () => {
  const ref = { id: 'z', callSid: 'z-leg' };
  const rows: [AfterFix, RegExp][] = [
    [{ at: T0, state: 'configuration_changed' }, /configuration for this trunk changed/],
    [{ at: T0, state: 'recheck_passes', asked: 1, next: [] }, /^The failed call was .* caller_not_allowed is gone\.$/],
    [
      { at: T0, state: 'recheck_passes', asked: 2, next: ['auth_missing', 'no_dispatch_rule'] },
      /^2 of the failed calls were .* is gone, but auth_missing, no_dispatch_rule would now stop/,
    ],
    [
      { at: T0, state: 'recheck_fails', asked: 3, failing: 2 },
      /2 of 3 re-checked calls would still fail with caller_not_allowed\.$/,
    ],
    [{ at: T0, state: 'probe_ok', target: 'sip:x' }, /probe gets an answer from sip:x\.$/],
    [{ at: T0, state: 'next_call_connected', ...ref }, /z-leg, connected\.$/],
    [{ at: T0, state: 'next_call_failed', ...ref }, /z-leg, failed with the same cause\.$/],
  ];
  for (const [afterFix, text] of rows) {
    it(`is described: ${afterFix.state} ${'asked' in afterFix ? afterFix.asked : ''}`, () => {
      assert.match(afterFixText(afterFix, 'caller_not_allowed'), text);
    });
  }
});

describe('an incident as JSON', () => {
  const incident = incidentOf(settled('a', 0, NOT_ALLOWED));
  const json = (more: Partial<Incident> = {}, trunkName?: string) =>
    incidentJson({ ...incident, ...more }, trunkName, T0 + 1_000);

  it('has the name of its trunk, or null', () => {
    assert.deepEqual(
      [undefined, '', 'main line'].map((name) => json({}, name).trunk_name),
      [null, null, 'main line'],
    );
  });

  it('names an example only if it has one, and then the latest', () => {
    const examples = [...incident.examples, { ...incident.examples[0], callSid: 'latest' }] as Incident['examples'];
    assert.match(incidentText(json({ examples })), /\nExample: call_sid latest$/);
    assert.doesNotMatch(incidentText(json({ examples: [] })), /Example/);
  });

  it('counts callers up to a hundred calls', () => {
    const [question] = incident.questions;
    assert.ok(question);
    const callers = (count: number, from: (i: number) => string | undefined) => {
      const questions = Array.from({ length: count }, (_, i) => ({ ...question, from: from(i) }));
      const { callers, summary } = json({ questions: questions as Incident['questions'], calls: 200 });
      return [callers, / from (.*?) callers/.exec(summary)?.[1]];
    };
    assert.deepEqual(
      callers(99, (i) => `+1555${i}`),
      [99, '99'],
    );
    assert.deepEqual(
      callers(100, (i) => `+1555${i}`),
      [null, 'more than 100'],
    );
    assert.deepEqual(
      callers(2, (i) => `+1555${i}`),
      [2, '2'],
    );
    assert.deepEqual(
      callers(2, () => '+15550123'),
      [1, undefined],
    );
    assert.deepEqual(
      callers(2, () => undefined),
      [0, undefined],
    );
  });

  it('has null for a fix that is not proven, and for none', () => {
    const { proof: _, ...fix } = incident.fix ?? assert.fail();
    assert.equal(json({ fix }).fix?.proof, null);
    const { fix: __, ...without } = incident;
    assert.equal(incidentJson(without, undefined, T0).fix, null);
  });

  it('of a cause that is no more has the cause’s id for its title', () => {
    assert.equal(json({ cause: 'of_old' as never }).title, 'of_old');
  });
});

describe('the fix of an incident', () => {
  const incident = incidentOf(settled('a', 0, NOT_ALLOWED));
  const textWith = (proof: 'connects' | 'connects_as_far_as_known' | null) => {
    const json = incidentJson(incident, undefined, T0 + 1_000);
    assert.ok(json.fix);
    return incidentText({ ...json, fix: { ...json.fix, proof } });
  };
  it('says how far it is proven', () => {
    assert.match(textWith('connects'), /^Fix \(proven\): /m);
    assert.match(textWith('connects_as_far_as_known'), /^Fix \(proven as far as known\): /m);
    assert.match(textWith(null), /^Fix: /m);
  });
  it('is absent for a call that connects', () =>
    assert.equal(recordDial({ response: [200, 'OK', 900] }).fixes.length, 0));
});
