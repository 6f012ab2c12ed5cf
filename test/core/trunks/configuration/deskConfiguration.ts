/** A trunk and a rule with something in most fields, as LiveKit's API prints them. */
export const TRUNK = {
  sip_trunk_id: 'ST_1',
  name: 'desk',
  numbers: ['+12025550123'],
  allowed_addresses: ['203.0.113.10'],
  allowed_numbers: ['+4915112345678'],
  auth_username: 'desk',
  auth_password: 'x',
  ringing_timeout: '20s',
  media: {
    only_listed_codecs: true,
    codecs: [{ name: 'PCMU', rate: 8000 }],
    encryption: 'SIP_MEDIA_ENCRYPT_REQUIRE',
    media_timeout: '5s',
  },
};
export const RULE = {
  sip_dispatch_rule_id: 'SDR_1',
  rule: { dispatch_rule_individual: { room_prefix: 'call-', pin: '1234' } },
  trunk_ids: ['ST_1'],
  inbound_numbers: ['+4915112345678'],
  numbers: ['+12025550123'],
  room_config: { agents: [{ agent_name: 'desk-agent' }] },
};
