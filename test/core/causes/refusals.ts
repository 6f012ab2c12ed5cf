import { CALLED, CALLER, EMPTY, everySecond, FITTING, rule, SBC, trunk, webhooksOf } from '../scenario.ts';
import { certain, likely, notCounted, type Row, UNCLASSIFIED } from './row.ts';

/** One 180, then silence until the dial gives up: LiveKit matched nothing. */
const SILENT = { ringing: [90], dialGaveUpAt: 20_000 };
const OTHER = '+15550142';
const NOTHING_KNOWN = [
  'no_trunk_configured',
  'called_number_not_on_trunk',
  'source_address_not_allowed',
  'caller_not_allowed',
  'no_dispatch_rule',
  'dispatch_rule_other_trunk',
  'dispatch_rule_number_mismatch',
];
const oneTrunk = (fields: object, ...rules: object[]) => ({
  livekit: { inbound_trunks: [trunk(fields)], dispatch_rules: rules.length > 0 ? rules : [rule()] },
});
const oneRule = (fields: object) => oneTrunk({}, rule(fields));
const NOT_FOUND = [
  'Does not match any SIP Trunks',
  'No trunk found',
  'Does not match Trunks or Dispatch Rules',
  'Not Found',
];

/** FACTS 1 and 2: what LiveKit refuses by silence or by a 404, and what its configuration says of it. */
export const REFUSAL_ROWS: readonly Row[] = [
  {
    name: 'silence after one 180 in a project without a trunk is no trunk',
    call: SILENT,
    setting: { livekit: EMPTY },
    // Without a rule the call would be stopped next.
    want: { ...certain('no_trunk_configured', 'no_dispatch_rule'), trunk: 'none' },
  },
  {
    name: 'silence with a caller who is not on the list is the caller',
    call: SILENT,
    setting: oneTrunk({ allowed_numbers: [OTHER] }),
    want: certain('caller_not_allowed'),
  },
  {
    name: 'a caller whom no webhook tells is neither on the list nor off it',
    call: webhooksOf(SILENT).map((webhook) => ({
      ...webhook,
      body: webhook.body?.replace(`"from":"${CALLER}",`, '') ?? '',
    })),
    setting: oneTrunk({ allowed_numbers: [OTHER] }),
    want: { ...UNCLASSIFIED, latent: ['caller_not_allowed'] },
  },
  {
    name: 'a caller who is on the list in another form of the same number passes',
    call: SILENT,
    setting: oneTrunk({ allowed_numbers: ['1 (555) 0123'] }),
    want: UNCLASSIFIED,
  },
  {
    name: 'silence with an SBC that is not on the list is the source address',
    call: SILENT,
    setting: oneTrunk({ allowed_addresses: ['198.51.100.0/24'] }),
    want: certain('source_address_not_allowed'),
  },
  {
    name: 'an SBC within an allowed block passes',
    call: SILENT,
    setting: oneTrunk({ allowed_addresses: ['192.0.2.0/24'] }),
    want: UNCLASSIFIED,
  },
  {
    name: 'silence with an SBC that is not known, and nothing else wrong, is likely its address',
    call: SILENT,
    setting: { ...oneTrunk({ allowed_addresses: ['198.51.100.0/24'] }), sbc_addresses: [] },
    want: likely('source_address_not_allowed'),
  },
  {
    name: 'an SBC that is not known stays unknown where another fault explains the silence',
    call: SILENT,
    setting: { ...oneTrunk({ allowed_addresses: ['198.51.100.0/24'], allowed_numbers: [OTHER] }), sbc_addresses: [] },
    want: { ...likely('caller_not_allowed'), latent: ['source_address_not_allowed'] },
  },
  {
    name: 'an SBC that is not known does not matter to a trunk that takes every address',
    call: SILENT,
    setting: { ...oneTrunk({}), sbc_addresses: [] },
    want: UNCLASSIFIED,
  },
  {
    name: 'of two SBCs, one allowed and one not, the address may or may not have passed',
    call: SILENT,
    setting: { ...oneTrunk({ allowed_addresses: [SBC] }), sbc_addresses: `${SBC}, 198.51.100.7` },
    want: likely('source_address_not_allowed'),
  },
  {
    name: 'silence for a number on no trunk is the called number',
    call: SILENT,
    setting: oneTrunk({ numbers: [OTHER] }),
    want: certain('called_number_not_on_trunk'),
  },
  {
    name: 'a number with 00 in front of it is another number',
    call: { ...SILENT, to: 'sip:0015550100@lab.sip.livekit.cloud' },
    setting: oneTrunk({}),
    want: certain('called_number_not_on_trunk'),
  },
  {
    name: 'a number without its plus is the same number',
    call: { ...SILENT, to: 'sip:15550100@lab.sip.livekit.cloud' },
    setting: oneTrunk({}),
    want: UNCLASSIFIED,
  },
  {
    name: 'every fault of the trunk is named, in the order in which LiveKit’s answer depends on them',
    call: SILENT,
    setting: oneTrunk({ numbers: [OTHER], allowed_addresses: ['198.51.100.7'], allowed_numbers: [OTHER] }),
    want: certain('called_number_not_on_trunk', 'source_address_not_allowed', 'caller_not_allowed'),
  },
  {
    name: 'silence without any dispatch rule is no dispatch rule',
    call: SILENT,
    setting: { livekit: { inbound_trunks: [trunk()], dispatch_rules: [] } },
    want: certain('no_dispatch_rule'),
  },
  {
    name: 'silence with a rule for another trunk is the rule’s trunk',
    call: SILENT,
    setting: oneRule({ trunk_ids: ['ST_2'] }),
    want: certain('dispatch_rule_other_trunk'),
  },
  {
    name: 'silence with a rule for other called numbers is the rule’s numbers',
    call: SILENT,
    setting: oneRule({ numbers: [OTHER] }),
    want: certain('dispatch_rule_number_mismatch'),
  },
  {
    name: 'a rule compares numbers as written: the same number without plus is another',
    call: SILENT,
    setting: oneRule({ inbound_numbers: [CALLER.slice(1)] }),
    want: certain('dispatch_rule_number_mismatch'),
  },
  {
    name: 'a rule that lists the caller and the called number as written takes the call',
    call: SILENT,
    setting: oneRule({ inbound_numbers: [CALLER], numbers: [CALLED] }),
    want: UNCLASSIFIED,
  },
  {
    name: 'silence is not the trunk’s fault where a wildcard rule takes the call past every trunk',
    call: SILENT,
    setting: oneTrunk({ allowed_numbers: [OTHER] }, rule({ trunk_ids: [] })),
    want: { ...UNCLASSIFIED, trunk: 'none' },
  },
  {
    name: 'nor does such a fault come next after an outage',
    call: { response: [503, 'Try again later', 230] },
    setting: oneTrunk({ allowed_numbers: [OTHER] }, rule({ trunk_ids: [] })),
    want: likely('livekit_unavailable'),
  },
  {
    name: 'a wildcard rule for other numbers takes nothing past the trunk',
    call: SILENT,
    setting: oneTrunk(
      { allowed_numbers: [OTHER] },
      rule(),
      rule({ sip_dispatch_rule_id: 'SDR_2', trunk_ids: [], numbers: [OTHER] }),
    ),
    want: certain('caller_not_allowed'),
  },
  {
    name: 'silence that nothing in the configuration explains stays unclassified',
    call: SILENT,
    setting: { livekit: FITTING },
    want: UNCLASSIFIED,
  },
  {
    name: 'silence without LiveKit’s configuration may be any of its refusals',
    call: SILENT,
    want: { ...UNCLASSIFIED, alternatives: NOTHING_KNOWN },
  },
  {
    name: 'a silently dropped call that nobody cancels ends with a 408 after 217 s',
    call: { ringing: [90], response: [408, 'Request Timeout', 217_000] },
    setting: oneTrunk({ allowed_numbers: [OTHER] }),
    want: certain('caller_not_allowed'),
  },
  {
    name: 'a caller who gave up after 8 s of silence was refused all the same',
    call: { ringing: [90], callerHungUpAt: 8_000 },
    setting: oneTrunk({ allowed_numbers: [OTHER] }),
    want: certain('caller_not_allowed'),
  },
  {
    name: 'a caller who hung up within 2 s of the 180 left before silence could show anything',
    call: { ringing: [90], callerHungUpAt: 1_900 },
    setting: oneTrunk({ allowed_numbers: [OTHER] }),
    // The configuration would have stopped the call; that it did is not shown.
    want: { ...notCounted('caller_abandoned'), latent: ['caller_not_allowed'] },
  },
  {
    name: 'a fault in the configuration cannot be there where LiveKit admitted the call',
    call: { ringing: everySecond(90, 14_090), dialGaveUpAt: 15_000 },
    setting: oneTrunk({ allowed_numbers: [OTHER] }),
    want: { ...likely('agent_not_joined'), alternatives: ['agent_not_publishing'] },
  },
  ...NOT_FOUND.flatMap((phrase): Row[] => [
    {
      name: `a 404 "${phrase}" is a refusal, and the match says which`,
      call: { response: [404, phrase, 200] },
      setting: oneTrunk({ allowed_numbers: [OTHER] }),
      want: certain('caller_not_allowed'),
    },
    {
      name: `a 404 "${phrase}" that nothing in the configuration explains stays unclassified`,
      call: { response: [404, phrase, 200] },
      setting: { livekit: FITTING },
      want: UNCLASSIFIED,
    },
    {
      name: `a 404 "${phrase}" without LiveKit’s configuration may be any of its refusals`,
      call: { response: [404, phrase, 200] },
      want: { ...UNCLASSIFIED, alternatives: NOTHING_KNOWN },
    },
  ]),
  {
    name: 'silence of a LiveKit Cloud that the settings name is not certainly a refusal',
    call: SILENT,
    setting: { ...oneTrunk({ allowed_numbers: [OTHER] }), livekit_url: 'wss://second-abcdefgh.livekit.cloud' },
    want: likely('caller_not_allowed'),
  },
  {
    name: 'a 404 of it is',
    call: { response: [404, 'No trunk found', 200] },
    setting: { ...oneTrunk({ allowed_numbers: [OTHER] }), livekit_url: 'wss://second-abcdefgh.livekit.cloud' },
    want: certain('caller_not_allowed'),
  },
  ...(
    [
      ['no trunk', { livekit: EMPTY }, ['no_trunk_configured', 'no_dispatch_rule']],
      ['a number on no trunk', oneTrunk({ numbers: [OTHER] }), ['called_number_not_on_trunk']],
      ['no rule', { livekit: { inbound_trunks: [trunk()], dispatch_rules: [] } }, ['no_dispatch_rule']],
      ['a rule for another trunk', oneRule({ trunk_ids: ['ST_2'] }), ['dispatch_rule_other_trunk']],
      ['a rule for other numbers', oneRule({ numbers: [OTHER] }), ['dispatch_rule_number_mismatch']],
    ] as const
  ).map(
    ([what, setting, blocking]): Row => ({
      name: `${what}: a fault that the answer does not show stops the call all the same, and is not certain to have`,
      call: { response: [503, 'Come back tomorrow', 230] },
      setting,
      want: likely(...blocking),
    }),
  ),
];
