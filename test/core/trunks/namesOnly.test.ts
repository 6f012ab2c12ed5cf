import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namesOnly, withoutValues } from '../../../src/core/trunks/namesOnly.ts';
import { parseRule, parseTrunk } from '../../../src/core/trunks/readSnapshot.ts';

const NONE = '<not stored by sipwhy>';

describe('the other fields of a trunk or rule', () => {
  it('have the names of headers, attributes and metadata, and not their values', () => {
    const { rest } = parseTrunk({
      sip_trunk_id: 'ST_1',
      metadata: '{"apikey":"secret"}',
      headers: { 'X-Key': 'secret' },
      headers_to_attributes: { 'X-Key': 'key' },
      attributes_to_headers: { key: 'X-Key' },
    });
    assert.deepEqual(rest, {
      metadata: NONE,
      headers: { 'X-Key': NONE },
      headers_to_attributes: { 'X-Key': NONE },
      attributes_to_headers: { key: NONE },
    });
  });

  it('have empty texts as they are, so that no paste fills them', () => {
    assert.deepEqual(namesOnly({ metadata: '', room_config: { agents: [{ agent_name: 'desk', metadata: '' }] } }), {
      metadata: '',
      room_config: { agents: [{ agent_name: 'desk', metadata: '' }] },
    });
  });

  it('have no value of any kind inside metadata or attributes', () => {
    assert.deepEqual(namesOnly({ metadata: { pin: 4711, on: true, agent_name: 'secret', list: ['10s'] } }), {
      metadata: { pin: NONE, on: NONE, agent_name: NONE, list: [NONE] },
    });
    assert.deepEqual(namesOnly({ attributes: { name: 'SIP_SECRET' } }), { attributes: { name: NONE } });
  });

  it('say which agent is called, and no other text of the room', () => {
    const { rest, body } = parseRule({
      sip_dispatch_rule_id: 'SDR_1',
      rule: { dispatch_rule_individual: { room_prefix: 'call-', pin: '4711', no_randomness: true } },
      attributes: { key: 'secret' },
      room_config: {
        metadata: 'secret',
        empty_timeout: 300,
        agents: [{ agent_name: 'desk', metadata: 'secret' }],
        egress: {
          room: { file_outputs: [{ s3: { access_key: 'secret', secret: 'secret', force_path_style: true } }] },
        },
      },
    });
    assert.deepEqual(body, { room_prefix: 'call-', no_randomness: true });
    assert.deepEqual(rest, {
      attributes: { key: NONE },
      room_config: {
        metadata: NONE,
        empty_timeout: 300,
        agents: [{ agent_name: 'desk', metadata: NONE }],
        egress: { room: { file_outputs: [{ s3: { access_key: NONE, secret: NONE, force_path_style: true } }] } },
      },
    });
  });

  it('keep what decides about media, times and rooms', () => {
    const fields = {
      ringing_timeout: '20s',
      max_call_duration: '0.5s',
      media_encryption: 'SIP_MEDIA_ENCRYPT_REQUIRE',
      include_headers: 'SIP_ALL_HEADERS',
      media: {
        encryption: 'SIP_MEDIA_ENCRYPT_ALLOW',
        only_listed_codecs: true,
        codecs: [{ name: 'PCMU', rate: 8000 }],
      },
      krisp_enabled: true,
      room_preset: 'desk',
    };
    assert.deepEqual(namesOnly(fields), fields);
  });

  for (const name of ['attributes', 'attributes_to_headers', 'headers', 'headers_to_attributes', 'metadata']) {
    it(`have no number in ${name}`, () => {
      assert.deepEqual(namesOnly({ [name]: { pin: 4711 } }), { [name]: { pin: NONE } });
    });
  }

  for (const [name, value, kept] of [
    ['agent_name', 'desk', 'desk'],
    ['codec', 'PCMU', 'PCMU'],
    ['mime', 'PCMU', 'PCMU'],
    ['name', 'desk', 'desk'],
    ['rate', 'high', 'high'],
    ['room_name', 'desk', 'desk'],
    ['room_prefix', 'desk-', 'desk-'],
    ['room_preset', 'desk', 'desk'],
    ['mime_type', 'audio/opus', 'audio/opus'],
    ['empty_timeout', '300s', '300s'],
    ['other', 'SIP_ALL_HEADERS', 'SIP_ALL_HEADERS'],
    ['other', 'desk', NONE],
    ['other', '300 s', NONE],
    ['other', 'SIP_secret', NONE],
    ['other', 'video/vp8', NONE],
    ['other', 'my 300s', NONE],
    ['other', 4711, 4711],
    ['other', true, true],
    ['other', null, null],
  ] as const) {
    it(`keep ${JSON.stringify(value)} of ${name} as ${JSON.stringify(kept)}`, () => {
      assert.deepEqual(namesOnly({ [name]: value }), { [name]: kept });
    });
  }

  it('are stripped of what an older version stored, and a second time the same', () => {
    const older = {
      trunks: [{ ...parseTrunk({ sip_trunk_id: 'ST_1' }), rest: { metadata: 'secret' } }],
      rules: [
        {
          ...parseRule({ sip_dispatch_rule_id: 'SDR_1' }),
          rest: { attributes: { a: 'secret' } },
          body: { x: 'secret' },
        },
      ],
    };
    const once = withoutValues(older);
    assert.deepEqual(
      [once.trunks[0]?.rest, once.rules[0]?.rest, once.rules[0]?.body],
      [{ metadata: NONE }, { attributes: { a: NONE } }, { x: NONE }],
    );
    assert.deepEqual(withoutValues(once), once);
  });
});
