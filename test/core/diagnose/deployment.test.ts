import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deploymentOf } from '../../../src/core/diagnose/facts/deployment.ts';
import { judgeHost } from '../../../src/core/diagnose/facts/site.ts';
import { toText } from '../../../src/core/explain/explanationText.ts';
import { readSettings } from '../../../src/settings/settings.ts';
import { CALLED, explainDial, rule, type Setting, trunk } from '../scenario.ts';

const CLOUD_HOST = 'vjnxecm0tjk.sip.livekit.cloud';
const OWN_HOST = 'sip.example.com';
const CLOUD_URL = 'wss://second-abcdefgh.livekit.cloud';
const OWN_URL = 'wss://livekit.example.com';
const KEYS = { LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'a-secret-of-some-length' };

function siteOf(env: Record<string, string>) {
  const reading = readSettings(env.LIVEKIT_URL === undefined ? env : { ...env, ...KEYS });
  assert.ok(reading.ok);
  return reading.settings.site;
}

describe('whether LiveKit is Cloud or self-hosted', () => {
  for (const [what, env, dialled, kind] of [
    ['a LIVEKIT_URL on livekit.cloud is Cloud', { LIVEKIT_URL: CLOUD_URL }, CLOUD_HOST, 'cloud'],
    ['also where another host is dialled', { LIVEKIT_URL: CLOUD_URL }, OWN_HOST, 'cloud'],
    ['a LIVEKIT_URL elsewhere is self-hosted', { LIVEKIT_URL: OWN_URL }, OWN_HOST, 'self_hosted'],
    [
      'a LIVEKIT_URL elsewhere and a host of Cloud’s contradict each other',
      { LIVEKIT_URL: OWN_URL },
      CLOUD_HOST,
      'unknown',
    ],
    [
      'a name that only ends like Cloud’s is not Cloud',
      { LIVEKIT_URL: 'wss://notlivekit.cloud' },
      OWN_HOST,
      'self_hosted',
    ],
    ['a host of Cloud’s in LIVEKIT_SIP_HOST is Cloud', { LIVEKIT_SIP_HOST: CLOUD_HOST }, CLOUD_HOST, 'cloud'],
    ['so is one that is no project’s', { LIVEKIT_SIP_HOST: 'sip.livekit.cloud' }, 'sip.livekit.cloud', 'cloud'],
    ['another host in LIVEKIT_SIP_HOST is self-hosted', { LIVEKIT_SIP_HOST: OWN_HOST }, OWN_HOST, 'self_hosted'],
    ['with nothing set a dialled host of Cloud’s is Cloud', {}, CLOUD_HOST, 'cloud'],
    ['with nothing set another dialled host says nothing', {}, OWN_HOST, 'unknown'],
    [
      'the operator’s word comes first',
      { LIVEKIT_URL: CLOUD_URL, LIVEKIT_DEPLOYMENT: 'self-hosted' },
      CLOUD_HOST,
      'self_hosted',
    ],
    ['and the other way round', { LIVEKIT_URL: OWN_URL, LIVEKIT_DEPLOYMENT: 'cloud' }, OWN_HOST, 'cloud'],
    ['auto is as if it were not set', { LIVEKIT_URL: OWN_URL, LIVEKIT_DEPLOYMENT: 'auto' }, OWN_HOST, 'self_hosted'],
  ] as const) {
    test(what, () => assert.equal(deploymentOf(siteOf(env), dialled).kind, kind));
  }

  for (const [what, env, dialled, isConfigured] of [
    ['LIVEKIT_DEPLOYMENT', { LIVEKIT_DEPLOYMENT: 'cloud' }, OWN_HOST, true],
    ['LIVEKIT_URL', { LIVEKIT_URL: CLOUD_URL }, CLOUD_HOST, true],
    ['a LIVEKIT_URL that contradicts the host', { LIVEKIT_URL: OWN_URL }, CLOUD_HOST, true],
    ['a host of Cloud’s', {}, CLOUD_HOST, false],
    ['LIVEKIT_SIP_HOST', { LIVEKIT_SIP_HOST: OWN_HOST }, OWN_HOST, false],
    ['nothing', {}, OWN_HOST, false],
  ] as const) {
    test(`is ${isConfigured ? '' : 'not '}configured by ${what}`, () => {
      assert.equal(deploymentOf(siteOf(env), dialled).isConfigured, isConfigured);
    });
  }

  test('takes nothing else for an answer', () => {
    const reading = readSettings({ LIVEKIT_DEPLOYMENT: 'onprem' });
    assert.deepEqual(reading, {
      ok: false,
      faults: ['LIVEKIT_DEPLOYMENT must be auto, cloud or self-hosted, got "onprem"'],
    });
  });

  test('a name in the form of a Cloud project’s says nothing where LiveKit is said to be self-hosted', () => {
    const host = 'first-abcdefgh.sip.livekit.cloud';
    const suspected = (kind: string) => judgeHost(siteOf({ LIVEKIT_DEPLOYMENT: kind }), host);
    assert.deepEqual(suspected('auto'), { kind: 'unknown', host, right: undefined, doubt: 'like_url_name' });
    assert.deepEqual(suspected('self-hosted'), { kind: 'unknown', host, right: undefined, doubt: undefined });
  });
});

describe('an explanation', () => {
  const barred = { inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })], dispatch_rules: [rule()] };
  const dial = (host: string, setting: Setting) =>
    explainDial({ to: `sip:${CALLED}@${host}`, ringing: [90], dialGaveUpAt: 20_000 }, { livekit: barred, ...setting });

  test('says which it is and why, as JSON and as text', () => {
    const explanation = dial(OWN_HOST, { livekit_url: OWN_URL });
    assert.deepEqual(explanation.deployment, {
      kind: 'self_hosted',
      basis: 'the LIVEKIT_URL host is livekit.example.com',
    });
    assert.ok(toText(explanation).includes('LiveKit: self-hosted (the LIVEKIT_URL host is livekit.example.com)'));
  });

  test('of a leg that is not LiveKit’s has none', () => {
    const explanation = explainDial({ to: '+15550199', response: [486, 'Busy Here', 900] });
    assert.equal(explanation.deployment, null);
    assert.ok(!toText(explanation).includes('LiveKit:'));
  });

  test('takes the silence of a self-hosted LiveKit for a refusal', () => {
    const { cause, confidence, unknowns } = dial(OWN_HOST, { livekit_url: OWN_URL });
    assert.deepEqual([cause, confidence, unknowns], ['caller_not_allowed', 'certain', []]);
  });

  test('says what is not known of Cloud’s silence, and is not certain of it', () => {
    const { cause, confidence, unknowns } = dial(CLOUD_HOST, { livekit_url: CLOUD_URL });
    assert.deepEqual([cause, confidence], ['caller_not_allowed', 'likely']);
    assert.equal(
      unknowns.filter((unknown) => unknown.startsWith('Whether LiveKit Cloud refuses calls by silence')).length,
      1,
    );
  });

  test('says what is not known of a wrong host of Cloud’s', () => {
    const { cause, unknowns } = explainDial(
      { to: `sip:${CALLED}@second-abcdefgh.sip.livekit.cloud`, response: [503, 'Service Unavailable', 230] },
      { livekit: barred, livekit_url: CLOUD_URL },
    );
    assert.equal(cause, 'sip_host_wrong');
    assert.ok(unknowns.includes('What LiveKit Cloud answers on a host other than the project’s SIP host.'));
  });

  test('names the variable where the hosts do not say which it is, and it matters', () => {
    const { unknowns } = dial(CLOUD_HOST, { livekit_url: OWN_URL });
    assert.ok(unknowns.some((unknown) => unknown.endsWith('Set LIVEKIT_DEPLOYMENT.')));
    const answered = explainDial({ to: `sip:${CALLED}@${OWN_HOST}`, response: [407, 'Unauthorized', 230] });
    assert.ok(!answered.unknowns.some((unknown) => unknown.includes('LIVEKIT_DEPLOYMENT')));
  });

  test('names the remedy for an outage that fits', () => {
    const again = (host: string, livekit_url: string) =>
      explainDial(
        { to: `sip:${CALLED}@${host}`, response: [503, 'Try again later', 230] },
        { livekit: { inbound_trunks: [trunk()], dispatch_rules: [rule()] }, livekit_url },
      ).fixes[0]?.action;
    assert.match(again(CLOUD_HOST, CLOUD_URL) ?? '', /status page/);
    assert.doesNotMatch(again(OWN_HOST, OWN_URL) ?? '', /status page/);
  });
});
