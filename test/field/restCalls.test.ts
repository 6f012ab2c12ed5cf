import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { check, checkToText } from '../../src/core/check/check.ts';
import { readDial } from '../../src/core/check/dialVerb.ts';
import { siteFrom } from '../../src/core/diagnose/facts/site.ts';
import { readConfiguration } from '../../src/core/trunks/configurationFile.ts';
import { bLeg, explainOnly, restLeg, rule, trunk } from '../core/scenario.ts';

const PASSWORD = { auth_username: 'desk', auth_password: 'x' };
const SRTP = { media: { encryption: 'SIP_MEDIA_ENCRYPT_REQUIRE' } };
const asked = (fields: object) => ({ livekit: { inbound_trunks: [trunk(fields)], dispatch_rules: [rule()] } });

describe('a call that Jambonz’s REST API placed', () => {
  const CREDENTIALS = [restLeg(0, 100, 'Trying', 'trying'), restLeg(230, 407, 'Unauthorized', 'failed')];

  it('is mended in to of createCall', () => {
    const { cause, fixes } = explainOnly(CREDENTIALS, asked(PASSWORD));
    assert.equal(cause, 'auth_missing');
    assert.match(fixes[0]?.pastes[0]?.label ?? '', /^createCall/);
    assert.deepEqual(JSON.parse(fixes[0]?.pastes[0]?.text ?? ''), {
      to: {
        type: 'sip',
        sipUri: 'sip:+15550100@lab.sip.livekit.cloud',
        auth: { username: 'desk', password: '<the password of the trunk>' },
      },
      tag: { sipwhy: { auth_username: 'desk' } },
    });
    const refused = [restLeg(0, 100, 'Trying', 'trying'), restLeg(230, 404, 'No trunk found', 'failed')];
    const { unknowns } = explainOnly(refused, asked({ ...PASSWORD, allowed_numbers: ['+15550142'] }));
    assert.match(unknowns.join('\n'), /add the tag .* to createCall/);
  });

  it('gets credentials in to, where the trunk is unknown', () => {
    const { fixes } = explainOnly(CREDENTIALS);
    assert.equal(
      fixes[0]?.action,
      'Add auth: {username, password} with the trunk’s credentials to "to" in the body of createCall.',
    );
  });

  it('offers SRTP by a header', () => {
    const rang = [
      restLeg(0, 100, 'Trying', 'trying'),
      restLeg(90, 180, 'Ringing', 'ringing'),
      restLeg(230, 400, 'Bad Request', 'failed'),
    ];
    const { cause, fixes, unknowns, evidence } = explainOnly(rang, asked(SRTP));
    assert.equal(cause, 'media_encryption_mismatch');
    assert.match(fixes[0]?.action ?? '', /X-Jambonz-SRTP: sdes in to\.headers/);
    assert.equal(JSON.parse(fixes[0]?.pastes[0]?.text ?? '').to.headers['X-Jambonz-SRTP'], 'sdes');
    assert.match(unknowns.join('\n'), /header X-Jambonz-SRTP in to\.headers of createCall/);
    assert.doesNotMatch(JSON.stringify({ evidence, fixes, unknowns }), /dial verb/);
  });

  it('with a parent leg is the dial verb’s', () => {
    const dialled = [bLeg(0, 100, 'Trying', 'trying'), bLeg(230, 407, 'Unauthorized', 'failed')];
    const { fixes } = explainOnly(dialled, asked(PASSWORD));
    assert.match(fixes[0]?.pastes[0]?.label ?? '', /^Dial verb \(fill in each <…> first\)$/);
  });
});

describe('a transfer without referHook', () => {
  const json = (name: string): unknown =>
    JSON.parse(readFileSync(new URL(`cases/${name}.json`, import.meta.url), 'utf8'));
  const checked = (more: object) => {
    const configuration = readConfiguration(json('24-config'));
    const reading = readDial({ ...(json('24-dial') as object), ...more }, '+4915112345678', undefined);
    assert.ok(configuration.ok && reading.ok);
    const site = siteFrom({ sipHosts: ['sip.example.com'], livekitUrlHost: undefined, sbcAddresses: [] });
    return check(site, configuration.snapshot, reading.questions[0] ?? assert.fail());
  };

  it('is a note of the check, which stops no call', () => {
    const got = checked({});
    assert.deepEqual([got.would_connect, got.blocking, got.notes.length], [true, [], 1]);
    assert.match(checkToText(got), /\n\nNotes\n {2}- The verb has no referHook, so Jambonz refuses a transfer/);
  });
  it('is not said of a verb that has one', () => {
    const got = checked({ referHook: '/refer' });
    assert.deepEqual(got.notes, []);
    assert.doesNotMatch(checkToText(got), /Notes|referHook/);
  });
});
