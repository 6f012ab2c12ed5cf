import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check } from '../../../src/core/check/check.ts';
import { readDial } from '../../../src/core/check/dialVerb.ts';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import type { Question } from '../../../src/core/diagnose/question.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import type { Snapshot } from '../../../src/core/trunks/snapshot.ts';

const CALLER = '+4915112345678';
const SBC = '54.236.168.131';
const URL_HOST = 'vocieagentpipelinetest-1z3kctsj.livekit.cloud';
const SIP_HOST = 'vjnxecm0tjk.sip.livekit.cloud';
const SITE = siteFrom({ sipHosts: [SIP_HOST], livekitUrlHost: URL_HOST, sbcAddresses: [SBC] });

/** The trunk and rule of the incident, with what is changed in them. */
function snapshot(trunk: object = {}, rule: object = {}): Snapshot {
  const reading = readSnapshot({
    inbound_trunks: [
      {
        sip_trunk_id: 'ST_GjeZjGQjrsvC',
        name: 'Jambonz Inbound',
        numbers: ['4991874350352'],
        allowed_addresses: [SBC],
        allowed_numbers: ['4991874350352'],
        auth_username: 'livekit_client',
        auth_password: 'set',
        ...trunk,
      },
    ],
    dispatch_rules: [
      {
        sip_dispatch_rule_id: 'SDR_ZyY3ewVGtwEd',
        rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
        trunk_ids: ['ST_GjeZjGQjrsvC'],
        ...rule,
      },
    ],
  });
  assert.ok(reading.ok);
  return reading.snapshot;
}

function question(verb: object): Question {
  const reading = readDial(verb, CALLER, undefined);
  assert.ok(reading.ok);
  const [first] = reading.questions;
  assert.ok(first);
  return first;
}

const dialled = (sipUri: string, auth?: object) => ({
  verb: 'dial',
  target: [{ type: 'sip', sipUri, ...(auth && { auth }) }],
});
const AS_IT_WAS = dialled(`sip:call-afd968a1ba780364@vocieagentpipelinetest-1z3kctsj.sip.livekit.cloud`);
const AS_IT_SHOULD_BE = dialled(`sip:4991874350352@${SIP_HOST}`, { username: 'livekit_client', password: 'x' });
const OPEN_TO_CALLERS = { allowed_numbers: [] };

describe('a check of the incident’s dial', () => {
  it('reports its four faults at once, and each stage', () => {
    const { would_connect, blocking, stages } = check(SITE, snapshot(), question(AS_IT_WAS));
    assert.equal(would_connect, false);
    assert.deepEqual(blocking, ['sip_host_wrong', 'called_number_not_on_trunk', 'caller_not_allowed', 'auth_missing']);
    assert.deepEqual(
      stages.map(({ stage, verdict }) => [stage, verdict]),
      [
        ['host', 'fail'],
        ['trunk', 'fail'],
        ['auth', 'fail'],
        ['dispatch', 'pass'],
        ['media', 'pass'],
      ],
    );
  });

  it('connects after the four edits, and after no three of them', () => {
    const sipUri = (host: boolean, user: boolean) =>
      `sip:${user ? '4991874350352' : 'call-afd968a1ba780364'}@${host ? SIP_HOST : AS_IT_WAS.target[0]?.sipUri.split('@')[1]}`;
    const connects = (host: boolean, user: boolean, caller: boolean, auth: boolean) => {
      const verb = dialled(sipUri(host, user), auth ? { username: 'livekit_client', password: 'x' } : undefined);
      return check(SITE, snapshot(caller ? OPEN_TO_CALLERS : {}), question(verb)).would_connect;
    };
    assert.equal(connects(true, true, true, true), true);
    assert.equal(connects(false, true, true, true), false);
    assert.equal(connects(true, false, true, true), false);
    assert.equal(connects(true, true, false, true), false);
    assert.equal(connects(true, true, true, false), false);
  });

  it('proposes these four edits, each but that of the host proven', () => {
    const { fixes } = check(SITE, snapshot(), question(AS_IT_WAS));
    const firsts = ['sip_host_wrong', 'called_number_not_on_trunk', 'caller_not_allowed', 'auth_missing'].map((id) =>
      fixes.find(({ cause }) => cause === id),
    );
    assert.deepEqual(
      firsts.map((fix) => fix?.proof),
      [undefined, 'connects', 'connects', 'connects'],
    );
    const verb = JSON.parse(firsts[0]?.pastes[0]?.text ?? '');
    assert.equal(verb.target[0].sipUri, 'sip:4991874350352@vjnxecm0tjk.sip.livekit.cloud');
    assert.equal(verb.target[0].auth.username, 'livekit_client');
    assert.deepEqual(firsts[2]?.change, {
      kind: 'trunk',
      sip_trunk_id: 'ST_GjeZjGQjrsvC',
      field: 'allowed_numbers',
      remove: ['4991874350352'],
    });
  });

  it('says what depends on what is not known', () => {
    const site = siteFrom({ sipHosts: [SIP_HOST], livekitUrlHost: URL_HOST, sbcAddresses: [] });
    const answer = check(site, snapshot(OPEN_TO_CALLERS), question(AS_IT_SHOULD_BE));
    assert.equal(answer.would_connect, null);
    assert.deepEqual(answer.latent, ['source_address_not_allowed']);
    assert.match(answer.unknowns.join('\n'), /JAMBONZ_SBC_ADDRESSES/);
  });

  it('traces the match field by field, with the nearest edit', () => {
    const { trace } = check(SITE, snapshot({}, { numbers: ['+4991874350352'] }), question(AS_IT_WAS));
    assert.deepEqual(
      trace.trunks[0]?.fields.map(({ field, verdict, sent }) => [field, verdict, sent]),
      [
        ['allowed_numbers', 'fail', CALLER],
        ['allowed_addresses', 'pass', SBC],
        ['numbers', 'fail', 'call-afd968a1ba780364'],
      ],
    );
    assert.equal(trace.trunks[0]?.fields[0]?.edit, `add ${CALLER}`);
    const national = check(SITE, snapshot(), { to: '091874350352', caller: CALLER, source: SBC, auth: undefined });
    assert.match(national.trace.trunks[0]?.fields[2]?.edit ?? '', /^dial 4991874350352: /);
    const plus = check(SITE, snapshot(OPEN_TO_CALLERS, { numbers: ['+4991874350352'] }), question(AS_IT_SHOULD_BE));
    assert.match(plus.trace.dispatch_rules[0]?.fields[2]?.edit ?? '', /replace \+4991874350352 with 4991874350352/);
  });

  it('finds a wildcard rule through which the call would get in past its trunk', () => {
    const answer = check(SITE, snapshot({}, { trunk_ids: [] }), {
      to: `sip:100@${SIP_HOST}`,
      caller: CALLER,
      source: SBC,
      auth: undefined,
    });
    assert.deepEqual(answer.findings, ['wildcard_rule_admits_unmatched_calls']);
    assert.equal(answer.would_connect, true);
  });

  it('finds two trunks that would both match', () => {
    const one = snapshot(OPEN_TO_CALLERS);
    const twin = { ...one.trunks[0], sip_trunk_id: 'ST_twin' } as Snapshot['trunks'][number];
    const answer = check(SITE, one.with({ trunks: [...one.trunks, twin] }), question(AS_IT_SHOULD_BE));
    assert.equal(answer.would_connect, false);
    assert.deepEqual(answer.blocking, ['trunk_conflict']);
    // The twin has no rule, so deleting the other one would not help and is not offered.
    assert.deepEqual(
      answer.fixes.map(({ change }) => change),
      [undefined, { kind: 'delete_trunk', sip_trunk_id: 'ST_twin' }],
    );
  });
});

describe('a dial verb', () => {
  it('is found in the list of verbs of an application, with its callerId', () => {
    const reading = readDial(
      [
        { verb: 'say', text: 'x' },
        { ...AS_IT_WAS, callerId: '+15550100' },
      ],
      CALLER,
      SBC,
    );
    assert.ok(reading.ok);
    assert.deepEqual(reading.questions[0]?.caller, '+15550100');
    assert.deepEqual(reading.questions[0]?.auth, { sent: false });
  });

  it('that is none is refused with what is wrong', () => {
    const faultOf = (json: unknown) => {
      const reading = readDial(json, undefined, undefined);
      return reading.ok ? '' : reading.fault;
    };
    assert.match(faultOf({ verb: 'say' }), /found neither a dial verb nor a body of createCall/);
    assert.match(faultOf({ verb: 'dial' }), /target/);
    assert.match(faultOf({ verb: 'dial', target: [{ type: 'phone', number: '+15550100' }] }), /no target of type sip/);
    assert.match(faultOf(null), /found neither a dial verb nor a body of createCall/);
  });
});
