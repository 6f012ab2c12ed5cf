import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CAUSES } from '../../src/diagnose/registry.ts';

// Public: labels, alerts and documentation use these names. A change of one is a [CHANGE] line in CHANGELOG.md.
const PARTIES = {
  application: ['auth_missing', 'auth_rejected', 'sip_host_wrong', 'called_number_not_on_trunk'],
  livekit_config: [
    'caller_not_allowed',
    'source_address_not_allowed',
    'trunk_conflict',
    'no_trunk_configured',
    'no_dispatch_rule',
    'dispatch_rule_other_trunk',
    'dispatch_rule_number_mismatch',
    'dispatch_rule_conflict',
  ],
  livekit: ['livekit_unavailable', 'livekit_quota_exceeded', 'livekit_room_closed'],
  agent: ['agent_not_joined', 'agent_not_publishing'],
  media: ['media_negotiation_failed'],
  jambonz: [
    'jambonz_capacity',
    'jambonz_account_limit',
    'jambonz_service_provider_limit',
    'jambonz_no_subscription',
    'jambonz_no_media_server',
    'jambonz_no_carrier',
    'jambonz_loop',
    'jambonz_internal_error',
  ],
  network: ['dns_failure', 'transport_unreachable', 'sip_timeout'],
  carrier: ['carrier_rejected'],
  nobody: ['callee_busy', 'callee_declined', 'callee_no_answer', 'callee_unknown', 'caller_abandoned'],
  unknown: ['unclassified'],
};

describe('the causes', () => {
  test('are the public ones, each with the party who must act', () => {
    const wanted = Object.entries(PARTIES).flatMap(([party, ids]) => ids.map((id) => `${id}: ${party}`));
    const given = CAUSES.map(({ id, party }) => `${id}: ${party}`);
    assert.deepEqual(given.toSorted(), wanted.toSorted());
  });

  test('each say in their own words what they are, what they mean and what to do', () => {
    for (const field of ['title', 'meaning'] as const) {
      assert.equal(new Set(CAUSES.map((cause) => cause[field])).size, CAUSES.length, field);
    }
    for (const { id, title, meaning, fix } of CAUSES) {
      assert.doesNotMatch(title, /\.$/, `${id}: the title is the end of a sentence`);
      for (const text of [meaning, fix]) assert.ok(text.endsWith('.'), id);
    }
  });
});
