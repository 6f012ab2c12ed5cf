import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Dial, explainDial, type Setting } from '../scenario.ts';

// FACTS 6: four faults at once, of which the first human reading found only the credentials.
const LIVEKIT = {
  inbound_trunks: [
    {
      sip_trunk_id: 'ST_GjeZjGQjrsvC',
      name: 'Jambonz Inbound',
      numbers: ['4991874350352'],
      allowed_addresses: ['54.236.168.131'],
      allowed_numbers: ['4991874350352'],
      auth_username: 'livekit_client',
      auth_password: 'not-to-be-shown',
    },
  ],
  dispatch_rules: [
    {
      sip_dispatch_rule_id: 'SDR_ZyY3ewVGtwEd',
      rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
      trunk_ids: ['ST_GjeZjGQjrsvC'],
    },
  ],
};
const SETTING: Setting = {
  livekit: LIVEKIT,
  sbc_addresses: '54.236.168.131',
  livekit_url: 'wss://vocieagentpipelinetest-1z3kctsj.livekit.cloud',
};
const FOUR_FAULTS = ['sip_host_wrong', 'called_number_not_on_trunk', 'caller_not_allowed', 'auth_missing'];

function dial(reason: string, at: number): Dial {
  return {
    to: 'sip:call-afd968a1ba780364@vocieagentpipelinetest-1z3kctsj.sip.livekit.cloud',
    from: '+15550123',
    tag: { sipwhy: { auth_username: false } },
    response: [503, reason, at],
  };
}

describe('the incident', () => {
  for (const reason of ['Service Unavailable', 'Try again later', '']) {
    for (const at of [60, 430]) {
      test(`shows all four faults on a 503 "${reason}" after ${at} ms, none of them certain`, () => {
        const got = explainDial(dial(reason, at), SETTING);
        assert.deepEqual(got.blocking, FOUR_FAULTS);
        assert.deepEqual([got.outcome, got.cause, got.party], ['failed', 'sip_host_wrong', 'application']);
        // What LiveKit Cloud answers at the wrong name is not known.
        assert.equal(got.confidence, 'likely');
        assert.deepEqual(got.latent, []);
        for (const cause of FOUR_FAULTS) {
          assert.ok(
            got.evidence.some((evidence) => evidence.cause === cause),
            `evidence of ${cause}`,
          );
          assert.ok(
            got.fixes.some((fix) => fix.cause === cause),
            `fix of ${cause}`,
          );
        }
        assert.ok(!JSON.stringify(got).includes('not-to-be-shown'));
      });
    }
  }

  test('without an SBC address shows the same four, and that the address may be a fifth', () => {
    const { sbc_addresses: _, ...rest } = SETTING;
    const got = explainDial(dial('Service Unavailable', 430), { ...rest, sbc_addresses: [] });
    assert.deepEqual(got.blocking, FOUR_FAULTS);
    assert.deepEqual(got.latent, ['source_address_not_allowed']);
    assert.ok(got.unknowns.some((unknown) => unknown.includes('JAMBONZ_SBC_ADDRESSES')));
  });

  test('without the dial’s tag shows three, and that credentials may be missing too', () => {
    const { tag: _, ...untagged } = dial('Service Unavailable', 430);
    const got = explainDial(untagged, SETTING);
    assert.deepEqual(got.blocking, FOUR_FAULTS.slice(0, 3));
    assert.deepEqual(got.latent, ['auth_missing']);
    assert.ok(got.unknowns.some((unknown) => unknown.includes('auth_username')));
  });

  test('put right in all four places, shows none of them', () => {
    const { tag: _, ...untagged } = dial('Try again later', 430);
    const [trunk] = LIVEKIT.inbound_trunks;
    const got = explainDial(
      {
        ...untagged,
        to: 'sip:4991874350352@vjnxecm0tjk.sip.livekit.cloud',
        tag: { sipwhy: { auth_username: 'livekit_client' } },
      },
      { ...SETTING, livekit: { ...LIVEKIT, inbound_trunks: [{ ...trunk, allowed_numbers: [] }] } },
    );
    assert.deepEqual([...got.blocking, ...got.latent], ['livekit_unavailable']);
  });
});
