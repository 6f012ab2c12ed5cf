import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Explanation } from '../../../src/core/explain/explanation.ts';
import { A_LEG, aLeg, B_LEG, bLeg, explain, rule, type Setting, trunk, type Webhook } from '../scenario.ts';

/** The causes that only a leg to LiveKit can have. */
const LIVEKIT_CAUSES = new Set([
  'auth_missing',
  'auth_rejected',
  'sip_host_wrong',
  'called_number_not_on_trunk',
  'caller_not_allowed',
  'source_address_not_allowed',
  'trunk_conflict',
  'no_trunk_configured',
  'no_dispatch_rule',
  'dispatch_rule_other_trunk',
  'dispatch_rule_number_mismatch',
  'dispatch_rule_conflict',
  'livekit_unavailable',
  'livekit_quota_exceeded',
  'livekit_room_closed',
  'agent_not_joined',
  'agent_not_publishing',
]);

const PHRASES = [
  'Try again later',
  'Service temporarily unavailable',
  'Unauthorized',
  'Bad credentials',
  'Rejected',
  'No trunk found',
  'Does not match any SIP Trunks',
  'Does not match Trunks or Dispatch Rules',
  'Bad Request',
  'Service Unavailable',
  'Ringing',
  '',
];
const STATUSES = Array.from({ length: 400 }, (_, i) => 300 + i);

/** A configuration with every fault there is in a trunk, and none for a rule to be found. */
const FAULTY = {
  inbound_trunks: [
    trunk({
      numbers: ['+15550142'],
      allowed_numbers: ['+15550142'],
      allowed_addresses: ['198.51.100.7'],
      auth_username: 'livekit_client',
      auth_password: 'secret',
    }),
  ],
  dispatch_rules: [rule({ trunk_ids: ['ST_2'] })],
};
const SETTING: Setting = {
  livekit: FAULTY,
  livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud',
  livekit_url: 'wss://first-abcdefgh.livekit.cloud',
};
const NO_CREDENTIALS = { customer_data: { sipwhy: { auth_username: false } } };

/** Two webhooks are enough for a leg that ended with a response. */
function dialled(to: string) {
  return (status: number, phrase: string): Webhook[] => [
    bLeg(0, 100, 'Trying', 'trying', { to, ...NO_CREDENTIALS }),
    bLeg(230, status, phrase, 'failed', { to, ...NO_CREDENTIALS }),
  ];
}

function rung(to: string) {
  return (status: number, phrase: string): Webhook[] => [
    bLeg(0, 100, 'Trying', 'trying', { to }),
    ...[90, 1_090, 2_090].map((at) => bLeg(at, 180, 'Ringing', 'ringing', { to })),
    bLeg(2_600, status, phrase, 'failed', { to }),
  ];
}

const inbound = (status: number, phrase: string): Webhook[] => [
  aLeg(0, 100, 'Trying', 'trying'),
  aLeg(230, status, phrase, 'failed'),
];

/** What only the dial hook tells: nobody knows whom the leg was for. */
const unheard = (status: number): Webhook[] => [
  aLeg(0, 200, 'OK', 'in-progress'),
  {
    method: 'POST',
    path: '/jambonz/dial-action',
    body: JSON.stringify({
      call_sid: A_LEG,
      dial_call_sid: B_LEG,
      dial_call_status: 'failed',
      dial_sip_status: status,
    }),
    at_ms: 230,
  },
];

function causesOf({ blocking, latent, alternatives }: Explanation): string[] {
  return [...blocking, ...latent, ...alternatives];
}

/** A carrier that answers so is LiveKit: test/field has those calls. */
const ONLY_LIVEKIT_SAYS: ReadonlySet<string> = new Set([
  'Does not match any SIP Trunks',
  'No trunk found',
  'Does not match Trunks or Dispatch Rules',
]);

function isToCarrier(webhooks: readonly Webhook[]): boolean {
  return webhooks.some(({ body = '' }) => body.includes('"to":"+15550199"'));
}

/** Every LiveKit cause that is named for any status and phrase, wherever in the explanation. */
function liveKitCauses(webhooksOf: (status: number, phrase: string) => Webhook[], setting = SETTING): Set<string> {
  const named = new Set<string>();
  for (const status of STATUSES) {
    for (const phrase of PHRASES) {
      const webhooks = webhooksOf(status, phrase);
      if (status === 404 && ONLY_LIVEKIT_SAYS.has(phrase) && isToCarrier(webhooks)) continue;
      const entries = explain(webhooks, setting);
      assert.equal(entries.length, 1, `${status} ${phrase}`);
      for (const entry of entries) {
        assert.equal(entry.trunk, 'none');
        for (const cause of causesOf(entry)) if (LIVEKIT_CAUSES.has(cause)) named.add(cause);
        for (const { cause } of [...entry.fixes, ...entry.evidence]) assert.ok(!LIVEKIT_CAUSES.has(cause), cause);
      }
    }
  }
  return named;
}

describe('no LiveKit cause is ever given, for any status and phrase,', () => {
  for (const [what, webhooks] of Object.entries({
    'to a carrier': dialled('+15550199'),
    'to a carrier that rang': rung('+15550199'),
    'to a SIP URI elsewhere': dialled('sip:+15550100@carrier.example.com'),
    'to a SIP URI elsewhere that rang': rung('sip:+15550100@carrier.example.com'),
    'to a SIP user': dialled('alice@pbx.example.com'),
    'to an inbound leg': inbound,
    'to a leg that only the dial hook tells of': unheard,
  })) {
    test(what, () => assert.deepEqual(liveKitCauses(webhooks), new Set()));
  }
});

test('the same statuses and phrases on a leg to LiveKit do name its causes', () => {
  const named = new Set<string>();
  for (const status of STATUSES) {
    for (const phrase of PHRASES) {
      const webhooks = dialled('sip:+15550100@vjnxecm0tjk.sip.livekit.cloud')(status, phrase);
      for (const entry of explain(webhooks, SETTING)) for (const cause of causesOf(entry)) named.add(cause);
    }
  }
  for (const cause of [
    'auth_missing',
    'auth_rejected',
    'called_number_not_on_trunk',
    'livekit_unavailable',
    'livekit_quota_exceeded',
    'livekit_room_closed',
    'agent_not_joined',
    'dispatch_rule_other_trunk',
  ]) {
    assert.ok(named.has(cause), cause);
  }
});

test('nothing that was not told by the leg itself is certain', () => {
  for (const status of STATUSES) {
    for (const entry of explain(unheard(status), SETTING)) assert.notEqual(entry.confidence, 'certain', `${status}`);
  }
});
