import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Cause } from '../../../src/core/diagnose/cause.ts';
import { CAUSES } from '../../../src/core/diagnose/causes.ts';

// Public: labels, alerts and documentation use these names. A change of one is a [CHANGE] line in CHANGELOG.md. A new
// cause needs no line here until it was released.
const PARTIES = {
  application: [
    'auth_missing',
    'auth_rejected',
    'sip_host_wrong',
    'called_number_not_on_trunk',
    'media_encryption_mismatch',
  ],
  livekit_config: [
    'caller_not_allowed',
    'source_address_not_allowed',
    'trunk_conflict',
    'no_trunk_configured',
    'no_dispatch_rule',
    'dispatch_rule_other_trunk',
    'dispatch_rule_number_mismatch',
    'dispatch_rule_conflict',
    'trunk_allows_no_codec',
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
    const given = new Set(CAUSES.map(({ id, party }) => `${id}: ${party}`));
    const wanted = Object.entries(PARTIES).flatMap(([party, ids]) => ids.map((id) => `${id}: ${party}`));
    assert.deepEqual(
      wanted.filter((cause) => !given.has(cause)),
      [],
    );
  });

  test('each say in their own words what they are, what they mean and what to do', () => {
    const own = { title: ({ title }: Cause) => title, meaning: ({ runbook }: Cause) => runbook.meaning };
    for (const [field, textOf] of Object.entries(own)) {
      assert.equal(new Set(CAUSES.map(textOf)).size, CAUSES.length, field);
    }
    for (const { id, title, fix, runbook, needs } of CAUSES) {
      assert.doesNotMatch(title, /\.$/, `${id}: the title is the end of a sentence`);
      const { meaning, impact, diagnosis, mitigation } = runbook;
      for (const text of [fix, meaning, impact, ...diagnosis, ...mitigation]) {
        assert.match(text, /^[\dA-Z`].{30,}[.?]$/, `${id}: sentences`);
      }
      assert.doesNotMatch(meaning, /`/, `${id}: the page shows the meaning as plain text`);
      assert.ok(diagnosis.length > 0 && mitigation.length > 0, `${id}: steps`);
      assert.equal(needs.length === 0, id === 'unclassified', `${id}: facts`);
    }
  });
});
