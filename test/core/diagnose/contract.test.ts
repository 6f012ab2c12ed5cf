import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SEVERITIES } from '../../../src/core/audit/finding.ts';
import { LIVEKIT_EVENTS } from '../../../src/core/call/livekitEvent.ts';
import { WAITS } from '../../../src/core/diagnose/callerExperience.ts';
import { type Cause, CONFIDENCES, EVIDENCE_SOURCES, STAGES } from '../../../src/core/diagnose/cause.ts';
import { CAUSES } from '../../../src/core/diagnose/causes.ts';
import { ORIGINS, OUTCOMES } from '../../../src/core/diagnose/diagnosis.ts';
import { ENDED_BY } from '../../../src/core/diagnose/facts/callEnd.ts';
import { DEPLOYMENT_KINDS } from '../../../src/core/diagnose/facts/deployment.ts';
import { MESSAGE_KINDS, PARTICIPANTS } from '../../../src/core/explain/ladder/ladder.ts';
import { INCIDENT_EVENTS } from '../../../src/core/incidents/incident.ts';
import { REFUSALS } from '../../../src/core/receive/verifyJambonz.ts';
import { LIVEKIT_REFUSALS } from '../../../src/core/receive/verifyLiveKit.ts';
import { recordDial } from '../scenario.ts';

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

test('the stored record of an attempt is of version 1, which older versions wrote', () => {
  assert.equal(recordDial({ response: [486, 'Busy Here', 900] }).version, 1);
});

describe('a closed list of the API and of the metrics', () => {
  // Each value is a label or is read by a client. The order of stages, severities and participants is their meaning.
  for (const [what, given, wanted] of [
    ['outcomes', OUTCOMES, 'connected failed dropped not_counted'],
    ['parties that end a call', ENDED_BY, 'caller far_end jambonz unknown'],
    ['confidences', CONFIDENCES, 'certain likely possible'],
    [
      'stages',
      STAGES,
      'jambonz host network backend trunk called source caller conflict auth dispatch media room agent callee after_answer unknown',
    ],
    ['origins of a response', ORIGINS, 'livekit jambonz sip_stack far_end unknown'],
    ['sources of evidence', EVIDENCE_SOURCES, 'jambonz livekit agent match settings neighbours'],
    ['kinds of deployment', DEPLOYMENT_KINDS, 'cloud self_hosted unknown'],
    ['what a caller waits through', WAITS, 'silence_or_ring_back ringing waiting'],
    ['severities of a finding', SEVERITIES, 'critical warning info'],
    ['events of an incident', INCIDENT_EVENTS, 'opened reopened worsened closed'],
    ['participants of a ladder', PARTICIPANTS, 'carrier jambonz livekit agent'],
    ['kinds of message', MESSAGE_KINDS, 'request provisional success failure event'],
    [
      'refusals of a Jambonz webhook',
      REFUSALS,
      'missing_signature malformed_signature stale_signature bad_signature missing_credentials no_secret bad_credentials',
    ],
    [
      'refusals of a LiveKit webhook',
      LIVEKIT_REFUSALS,
      'no_key missing_token malformed_token unknown_key bad_signature expired_token body_mismatch',
    ],
    [
      'events of LiveKit',
      LIVEKIT_EVENTS,
      'room_started room_finished participant_joined participant_left participant_connection_aborted ' +
        'track_published track_unpublished egress_started egress_updated egress_ended ingress_started ' +
        'ingress_ended agent_job_started agent_job_ended transfer_reported',
    ],
  ] as const) {
    test(`has the ${what}`, () => assert.deepEqual(given, wanted.split(' ')));
  }
});
