import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { CauseId } from '../../src/core/diagnose/causes.ts';
import { parseCase, replay } from '../../src/core/replay/replay.ts';
import { CALLED, CALLER, type Dial, explainDial, rule, type Setting, trunk } from '../core/scenario.ts';

// Calls that people really had, with the answer that would have helped them, and their neighbours. Each first column names
// the kind of public source, or what is changed in it.

/** What must be said, besides the cause: words of the summary, the evidence, the fixes or the caller's experience. */
type Row = readonly [
  what: string,
  file: string,
  blocking: readonly CauseId[],
  confidence: string,
  ...words: readonly RegExp[],
];

const CASES: readonly Row[] = [
  ['documentation: a host pinned to a region', '05-regional-host', ['called_number_not_on_trunk'], 'certain'],
  [
    'set-up note: LIVEKIT_URL’s name before a region',
    '06-url-name-with-region',
    ['sip_host_wrong'],
    'likely',
    /has the name in LIVEKIT_URL/,
  ],
  [
    'issue: only the suffix of LIVEKIT_URL, and the lists of the rule swapped',
    '07-suffix-as-subdomain',
    ['sip_host_wrong', 'dispatch_rule_number_mismatch'],
    'likely',
    /only the end of the name in LIVEKIT_URL/,
    /Move \+12025550123 from inbound_numbers to numbers/,
  ],
  [
    'issue: the called number in inbound_numbers',
    '08-inbound-numbers-hold-called',
    ['dispatch_rule_number_mismatch'],
    'certain',
    /Move \+390612345678 from inbound_numbers to numbers/,
    /\\"metadata\\": \\"\\"/,
  ],
  [
    'README: a name in place of a number',
    '10-non-numeric-user',
    ['called_number_not_on_trunk'],
    'certain',
    /Dial agent/,
    /agent: differs by upper and lower case/,
  ],
  [
    'issue: a rule that names no agent',
    '12-rule-names-no-agent',
    ['agent_not_joined'],
    'certain',
    /SDR_field1 names no agent/,
    /name it in room_config of SDR_field1/,
  ],
  [
    'issue: LiveKit as a carrier',
    '18b-livekit-as-carrier-404',
    ['dispatch_rule_number_mismatch'],
    'certain',
    /12025550123 isn’t in \[\+12025550123\], compared exactly as written/,
    /\+12025550123 went through a carrier of Jambonz to LiveKit; the SBC strips the \+, so LiveKit sees 12025550123/,
  ],
  ['public code: an escaped plus', '19-escaped-plus', ['called_number_not_on_trunk'], 'possible', /without escapes/],
  [
    'issue: a ringing interval of 10 s',
    '20-ringing-interval-10s',
    ['unclassified'],
    'possible',
    /configuration admits this call/,
    /sip_ringing_interval/,
  ],
  ['issue: a caller who hangs on', '25-a-leg-never-answered', ['auth_missing'], 'certain', /44\.6 s more.*sip:decline/],
  [
    'source: LiveKit’s own 3 minutes',
    '29-486-after-180s-default',
    ['agent_not_joined'],
    'likely',
    /own 3 minutes passed/,
  ],
  [
    'source: livekit-sip can’t join the room',
    '30-livekit-sip-cannot-join',
    ['livekit_sip_cannot_join'],
    'certain',
    /never got into room/,
    /ws_url, key and secret, and the UDP ports/,
  ],
  [
    'community: a 180 that came after the dial had given up',
    '31-180-later-than-dial-timeout',
    ['unclassified'],
    'possible',
    /published audio after 5\.0 s/,
    /Raise the timeout of the dial verb/,
  ],
  [
    'issue: the bridge of a container hides the SBC’s address',
    '32-docker-bridge-hides-source',
    ['unclassified'],
    'possible',
    /"alternatives":\["source_address_not_allowed"/,
    /behind NAT or a container’s bridge LiveKit sees another address/,
  ],
  [
    'issue: responses over TLS on a new connection, which is blocked',
    '33-tls-answers-on-new-connection',
    ['sip_timeout'],
    'likely',
    /joined room/,
    /LiveKit received the INVITE/,
  ],
  [
    'issue: an agent that published audio, and still only 180s',
    '34-agent-published-still-ringing',
    ['unclassified'],
    'possible',
    /published audio after 1\.7 s/,
    /for this call in room call-/,
  ],
  [
    'issue: a dial that timed out without a dial hook',
    '35-dial-timeout-without-hook',
    ['agent_not_joined'],
    'likely',
    /20 × 180 in 19\.\d s, then none for 45\.\d s/,
    /"alternatives":\["caller_abandoned"\]/,
  ],
];

describe('a public report', () => {
  for (const [what, file, blocking, confidence, ...words] of CASES) {
    it(what, () => {
      const text = readFileSync(new URL(`./cases/${file}.jsonl`, import.meta.url), 'utf8');
      const { calls } = replay(parseCase(JSON.parse(text)));
      const [explanation] = calls;
      assert.deepEqual([explanation?.blocking, explanation?.confidence], [blocking, confidence]);
      // What is only possible is not told as a fact.
      const isDoubtful = confidence === 'possible' && blocking[0] !== 'unclassified';
      assert.equal(/ failed(?: \([^)]*\))?: perhaps /.test(explanation?.summary ?? ''), isDoubtful);
      for (const word of words) assert.match(JSON.stringify(explanation), word);
    });
  }
});

const CLOUD = { livekit_url: 'wss://desk-abcd1234.livekit.cloud' };
const OWN = { livekit_url: 'wss://livekit.example.com', livekit_sip_host: 'sip.example.com' };
const at = (host: string, user = CALLED) => `sip:${user}@${host}`;
const configured = (ofTrunk: object = {}, ofRule: object = {}): Setting => ({
  livekit: { inbound_trunks: [trunk(ofTrunk)], dispatch_rules: [rule(ofRule)] },
});
const AGENT = { room_config: { agents: [{ agent_name: 'desk-agent' }] } };
const REFUSED_503 = { response: [503, 'Come back tomorrow', 230] } as const;
const SILENT = { ringing: [90], dialGaveUpAt: 20_000 } as const;
const NO_RINGING = { dialGaveUpAt: 20_000 } as const;
const RANG = { ringing: 'every second', dialGaveUpAt: 20_000 } as const;

/** What is dialled and how it ends, under which settings, and the answer. `!` before words: they must not be said. */
const NEIGHBOURS: readonly (readonly [string, Dial, Setting, readonly CauseId[], string, ...(RegExp | [RegExp])[]])[] =
  [
    ...['eu', 'us', 'india', 'aus', 'newregion'].map(
      (region) =>
        [
          `regional host: ${region} of the project’s own host`,
          { ...REFUSED_503, to: at(`vjnxecm0tjk.${region}.sip.livekit.cloud`) },
          { ...configured(), ...CLOUD, livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' },
          ['unclassified'],
          'possible',
        ] as const,
    ),
    [
      'regional host: the setting has a region, the call none',
      { ...REFUSED_503, to: at('vjnxecm0tjk.sip.livekit.cloud') },
      { ...configured(), ...CLOUD, livekit_sip_host: 'vjnxecm0tjk.eu.sip.livekit.cloud' },
      ['unclassified'],
      'possible',
    ],
    [
      'regional host: of another project',
      { ...REFUSED_503, to: at('aaaaaaaaaaa.eu.sip.livekit.cloud') },
      { ...configured(), ...CLOUD, livekit_sip_host: 'vjnxecm0tjk.sip.livekit.cloud' },
      ['sip_host_wrong'],
      'likely',
      /Dial vjnxecm0tjk\.sip\.livekit\.cloud, the host in LIVEKIT_SIP_HOST/,
    ],
    [
      'LIVEKIT_URL’s name: its suffix with a region',
      { ...REFUSED_503, to: at('abcd1234.eu.sip.livekit.cloud') },
      { ...configured(), ...CLOUD },
      ['sip_host_wrong'],
      'likely',
    ],
    [
      'LIVEKIT_URL’s name: an end of the suffix is another name',
      { ...REFUSED_503, to: at('1234.sip.livekit.cloud') },
      { ...configured(), ...CLOUD },
      ['unclassified'],
      'possible',
    ],
    [
      'Cloud without a 180: the configuration admits the call',
      { ...NO_RINGING, to: at('vjnxecm0tjk.sip.livekit.cloud') },
      { ...configured(), ...CLOUD },
      ['sip_timeout'],
      'possible',
    ],
    [
      'Cloud without a 180: the configuration refuses the caller',
      { ...NO_RINGING, to: at('vjnxecm0tjk.sip.livekit.cloud') },
      { ...configured({ allowed_numbers: ['+15550142'] }), ...CLOUD },
      ['caller_not_allowed'],
      'likely',
    ],
    [
      'a self-hosted LiveKit without a 180',
      { ...NO_RINGING, to: at('sip.example.com') },
      { ...configured(), ...OWN },
      ['sip_timeout'],
      'likely',
    ],
    [
      'a 408 of the SIP stack on Cloud',
      { response: [408, 'Request Timeout', 32_050], to: at('vjnxecm0tjk.sip.livekit.cloud') },
      { ...configured(), ...CLOUD },
      ['sip_timeout'],
      'certain',
    ],
    [
      'swapped lists: the called number in another form',
      SILENT,
      configured({}, { inbound_numbers: [CALLED.slice(1)] }),
      ['dispatch_rule_number_mismatch'],
      'certain',
      new RegExp(`Move ${CALLED.slice(1)} from inbound_numbers to numbers`),
    ],
    [
      'swapped lists: a trunk without numbers',
      SILENT,
      configured({ numbers: [] }, { inbound_numbers: [CALLED] }),
      ['dispatch_rule_number_mismatch'],
      'certain',
      /from inbound_numbers to numbers/,
    ],
    [
      'swapped lists: another number of the trunk beside the called one',
      SILENT,
      configured({ numbers: [CALLED, '+15550142'] }, { inbound_numbers: [CALLED, '+15550142'] }),
      ['dispatch_rule_number_mismatch'],
      'certain',
      /from inbound_numbers to numbers/,
      [/Add \+15550123/],
    ],
    [
      'no swapped lists: an allow-list of callers',
      SILENT,
      configured({}, { inbound_numbers: ['+15550142'] }),
      ['dispatch_rule_number_mismatch'],
      'certain',
      /Add \+15550123, in exactly this format.*Or empty inbound_numbers of SDR_1, so that it accepts every caller that its trunk/,
      [/Move/],
    ],
    [
      'no swapped lists: the callers of a rule without trunk_ids are all that limits it',
      SILENT,
      configured({}, { trunk_ids: [], inbound_numbers: ['+15550142'] }),
      ['dispatch_rule_number_mismatch'],
      'certain',
      /Add \+15550123, in exactly this format.*Or empty inbound_numbers of SDR_1, so that it accepts every caller, from any address/,
    ],
    [
      'swapped lists: a caller beside the called number',
      SILENT,
      configured({}, { inbound_numbers: ['+15550142', CALLED] }),
      ['dispatch_rule_number_mismatch'],
      'certain',
      /Move \+15550100 from inbound_numbers to numbers of SDR_1, and empty inbound_numbers/,
      [/[Aa]dd \+15550123/],
    ],
    [
      'swapped lists: a caller beside the called number, of a rule without trunk_ids',
      SILENT,
      configured({}, { trunk_ids: [], inbound_numbers: ['+15550142', CALLED] }),
      ['dispatch_rule_number_mismatch'],
      'certain',
      /empty inbound_numbers, so that it accepts every caller, from any address/,
      [/that its trunk admits/],
    ],
    [
      'no swapped lists: the caller in another form',
      SILENT,
      configured({}, { inbound_numbers: [CALLER.slice(1)] }),
      ['dispatch_rule_number_mismatch'],
      'certain',
      /Write \+15550123 instead of 15550123/,
      [/Or empty/],
    ],
    [
      'a number that the trunk lacks is added before another one is dialled',
      SILENT,
      configured({ numbers: ['+15550142'] }),
      ['called_number_not_on_trunk'],
      'certain',
      /Add \+15550100 to the numbers.*Or dial \+15550142/,
    ],
    [
      'a pattern on the trunk is no number to dial',
      SILENT,
      configured({ numbers: ['+1555*', '*'] }),
      ['called_number_not_on_trunk'],
      'certain',
      /Add \+15550100 to the numbers/,
      [/[Dd]ial (\+1555)?\*/],
    ],
    [
      'a number behind a pattern on the trunk is one',
      SILENT,
      configured({ numbers: ['+1555*', '+15550142'] }),
      ['called_number_not_on_trunk'],
      'certain',
      /Or dial \+15550142/,
    ],
    [
      'a name is not replaced by a pattern on the trunk',
      { ...SILENT, to: at('lab.sip.livekit.cloud', 'call-x') },
      configured({ numbers: ['*'] }),
      ['called_number_not_on_trunk'],
      'certain',
      /Add call-x to the numbers/,
      [/Dial \*/],
    ],
    [
      'a name that the trunk lacks is replaced by its number',
      { ...SILENT, to: at('lab.sip.livekit.cloud', 'call-x') },
      configured(),
      ['called_number_not_on_trunk'],
      'certain',
      /Dial \+15550100, a number.*Or add call-x/,
    ],
    [
      'a name in another case is found among the trunk’s numbers',
      { ...SILENT, to: at('lab.sip.livekit.cloud', 'DESK') },
      configured({ numbers: ['+15550142', 'Desk'] }),
      ['called_number_not_on_trunk'],
      'certain',
      /Dial Desk, a number.*Or add DESK/,
      /Desk: differs by upper and lower case/,
    ],
    [
      'a name with other letters differs by more than their case',
      { ...SILENT, to: at('lab.sip.livekit.cloud', 'DESKS') },
      configured({ numbers: ['Desk'] }),
      ['called_number_not_on_trunk'],
      'certain',
      [/upper and lower case/],
    ],
    [
      'a 407 leaves no doubt about the credentials',
      { response: [407, 'Unauthorized', 230] },
      configured({ auth_username: 'u', auth_password: 'p' }),
      ['auth_missing'],
      'certain',
      [/Whether credentials were sent/],
    ],
    [
      'a 401 leaves none either',
      { response: [401, 'Unauthorized', 230] },
      configured({ auth_username: 'u', auth_password: 'p' }),
      ['auth_rejected'],
      'certain',
      [/Whether credentials were sent/],
    ],
    [
      'silence leaves doubt about the credentials',
      SILENT,
      configured({ auth_username: 'u', auth_password: 'p', allowed_numbers: ['+15550142'] }),
      ['caller_not_allowed'],
      'certain',
      /Whether credentials were sent/,
    ],
    [
      'agent: the rule names one',
      RANG,
      configured({}, AGENT),
      ['agent_not_joined'],
      'likely',
      /agent_name \\"desk-agent\\"/,
    ],
    [
      'agent: the rule names two',
      RANG,
      configured({}, { room_config: { agents: [{ agent_name: 'a' }, { agent_name: 'b' }] } }),
      ['agent_not_joined'],
      'likely',
      /dispatches \\"a\\", \\"b\\"/,
    ],
    [
      'agent: the rule names one without a name',
      RANG,
      configured({}, { room_config: { agents: [{ agent_name: '' }] } }),
      ['agent_not_joined'],
      'likely',
      /names no agent/,
    ],
    [
      'agent: a new rule dispatches the one that all other rules dispatch',
      SILENT,
      {
        livekit: {
          inbound_trunks: [trunk()],
          dispatch_rules: [
            rule({ trunk_ids: ['ST_2'], ...AGENT }),
            rule({ sip_dispatch_rule_id: 'SDR_3', trunk_ids: ['ST_3'], ...AGENT }),
          ],
        },
      },
      ['dispatch_rule_other_trunk'],
      'certain',
      /Create a dispatch rule for ST_1 \\"first\\"\. Like every other rule, it dispatches \\"desk-agent\\"/,
      /\\"agents\\": \[.{0,60}desk-agent/,
    ],
    [
      'agent: a new rule beside rules that dispatch different ones',
      SILENT,
      {
        livekit: {
          inbound_trunks: [trunk()],
          dispatch_rules: [
            rule({ trunk_ids: ['ST_2'], ...AGENT }),
            rule({ sip_dispatch_rule_id: 'SDR_3', trunk_ids: ['ST_3'] }),
          ],
        },
      },
      ['dispatch_rule_other_trunk'],
      'certain',
      /If the worker has an agent_name, name it in room_config\.agents of the rule/,
      [/desk-agent/],
    ],
    [
      'agent: the first rule of all',
      SILENT,
      { livekit: { inbound_trunks: [trunk()], dispatch_rules: [] } },
      ['no_dispatch_rule'],
      'certain',
      /If the worker has an agent_name, name it in room_config\.agents of the rule/,
      /name it in room_config\.agents of the rule/,
    ],
    ['agent: the configuration is unknown', RANG, {}, ['agent_not_joined'], 'likely', [/names no agent/]],
    [
      'ringing interval: a dial that gave up after 59 s',
      { ringing: [90], dialGaveUpAt: 59_000, to: at('sip.example.com') },
      { ...configured(), ...OWN },
      ['unclassified'],
      'possible',
      /"alternatives":\["agent_not_joined"\]/,
    ],
    [
      'ringing interval: a dial that gave up after a minute',
      { ringing: [90], dialGaveUpAt: 60_090, to: at('sip.example.com') },
      { ...configured(), ...OWN },
      ['unclassified'],
      'possible',
      /neither trunk, number, caller, address nor rule refused it/,
    ],
    [
      'ringing interval: Cloud',
      { ...SILENT, to: at('vjnxecm0tjk.sip.livekit.cloud') },
      { ...configured(), ...CLOUD },
      ['unclassified'],
      'possible',
      /Cloud may refuse a call by silence, or ring late/,
    ],
    [
      'ringing interval: a match that refuses leaves no doubt',
      { ...SILENT, to: at('sip.example.com') },
      { ...configured({ allowed_numbers: ['+15550142'] }), ...OWN },
      ['caller_not_allowed'],
      'certain',
    ],
    [
      '486: at 177 s',
      { ringing: 'every second', response: [486, 'Rejected', 177_000] },
      configured(),
      ['livekit_room_closed'],
      'possible',
    ],
    [
      '486: at 182 s',
      { ringing: 'every second', response: [486, 'Rejected', 182_000] },
      configured(),
      ['agent_not_joined'],
      'likely',
    ],
    [
      '486: a trunk with a timeout of its own doesn’t wait for 3 minutes',
      { ringing: 'every second', response: [486, 'Rejected', 180_000] },
      configured({ ringing_timeout: '30s' }),
      ['livekit_room_closed'],
      'possible',
    ],
    [
      '486: without webhooks its sources can’t be told apart',
      { ringing: 'every second', response: [486, 'Rejected', 5_000] },
      configured(),
      ['livekit_room_closed'],
      'possible',
      /Point LiveKit’s webhooks to \/livekit\/webhook/,
      /agent_rejected_call/,
      /livekit_sip_cannot_join/,
    ],
    [
      'carrier: the other phrases of LiveKit',
      { to: CALLED, response: [404, 'No trunk found', 230] },
      configured({ numbers: ['+15550142'] }),
      ['called_number_not_on_trunk'],
      'certain',
    ],
    [
      'carrier: without LiveKit’s configuration',
      { to: CALLED, response: [404, 'Does not match any SIP Trunks', 230] },
      {},
      ['unclassified'],
      'possible',
      [/callee_unknown/],
    ],
    [
      'carrier: an ordinary 404',
      { to: CALLED, response: [404, 'Not Found', 230] },
      configured(),
      ['callee_unknown'],
      'likely',
    ],
    [
      'carrier: one 180 and silence for a number of a trunk',
      { to: CALLED, ...SILENT },
      configured({ allowed_numbers: ['+15550142'] }),
      ['caller_not_allowed'],
      'likely',
    ],
    [
      'carrier: one 180 and silence for another number',
      { to: '+15550199', ...SILENT },
      configured(),
      ['callee_no_answer'],
      'likely',
    ],
    [
      'carrier: named in the settings, and refused credentials',
      { to: CALLED, response: [407, 'Unauthorized', 230] },
      { ...configured({ auth_username: 'u', auth_password: 'p' }), jambonz_livekit_carriers: 'LiveKit' },
      ['auth_missing'],
      'certain',
      /in the Jambonz carrier that leads to LiveKit/,
    ],
    [
      'carrier: named in the settings, and wrong credentials',
      { to: CALLED, response: [401, 'Unauthorized', 230] },
      { ...configured({ auth_username: 'u', auth_password: 'p' }), jambonz_livekit_carriers: 'LiveKit' },
      ['auth_rejected'],
      'certain',
      /"Compare the username and password in the Jambonz carrier that leads to LiveKit with the trunk’s."/,
    ],
    [
      'carrier: named in the settings, with a gateway that does not resolve',
      { to: CALLED, response: [503, 'DNS Error', 40] },
      { ...configured(), jambonz_livekit_carriers: 'LiveKit' },
      ['dns_failure'],
      'likely',
      /"Correct the host of the carrier’s gateway in Jambonz/,
      [/"dialled host"/],
    ],
    [
      'carrier: named in the settings, with a gateway that lacks a transport',
      { to: CALLED, response: [503, 'No transport', 20] },
      { ...configured(), jambonz_livekit_carriers: 'LiveKit' },
      ['transport_unreachable'],
      'likely',
      /"Enable the transport of the carrier’s gateway on the SBC, or give the gateway another one."/,
      [/"name":"dialled"/],
    ],
    [
      'carrier: not named in the settings, and refused credentials',
      { to: CALLED, response: [407, 'Unauthorized', 230] },
      configured({ auth_username: 'u', auth_password: 'p' }),
      ['carrier_rejected'],
      'likely',
    ],
  ];

describe('a neighbour of a public report', () => {
  for (const [what, dial, setting, blocking, confidence, ...words] of NEIGHBOURS) {
    it(what, () => {
      const explanation = explainDial(dial, setting);
      assert.deepEqual([explanation.blocking, explanation.confidence], [blocking, confidence]);
      for (const word of words) {
        if (Array.isArray(word)) assert.doesNotMatch(JSON.stringify(explanation), word[0]);
        else assert.match(JSON.stringify(explanation), word);
      }
    });
  }
});
