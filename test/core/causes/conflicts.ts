import { CALLED, FITTING, rule, SBC, TWO_RULES, TWO_TRUNKS, trunk, WITH_PASSWORD } from '../scenario.ts';
import { certain, likely, possible, type Row, UNCLASSIFIED } from './row.ts';

const SERVICE_UNAVAILABLE = ['transport_unreachable', 'livekit_unavailable', 'livekit_quota_exceeded'];
const TWO_OF_AN_UNKNOWN_SBC = {
  livekit: {
    inbound_trunks: [trunk({ allowed_addresses: [SBC] }), trunk({ sip_trunk_id: 'ST_2' })],
    dispatch_rules: [rule()],
  },
  sbc_addresses: [],
};
const OTHER = '+15550142';

const CAUSE_OF: Record<string, string> = {
  'Maximum Calls In Progress': 'jambonz_capacity',
  'Max Account Calls In Progress': 'jambonz_account_limit',
  'No Active Subscription': 'jambonz_no_subscription',
};

/** FACTS 1 and 2: two trunks or two rules that take the same call, which LiveKit answers with 503. */
export const CONFLICT_ROWS: readonly Row[] = [
  {
    name: 'a 503 "Try again later" with two matching trunks is a trunk conflict',
    call: { response: [503, 'Try again later', 230] },
    setting: { livekit: TWO_TRUNKS },
    want: certain('trunk_conflict'),
  },
  {
    name: 'two default trunks conflict as well',
    call: { response: [503, 'Try again later', 230] },
    setting: {
      livekit: {
        inbound_trunks: [trunk({ numbers: [] }), trunk({ sip_trunk_id: 'ST_2', numbers: [] })],
        dispatch_rules: [rule()],
      },
    },
    want: certain('trunk_conflict'),
  },
  {
    name: 'a trunk with the number beats a default trunk, so that they do not conflict',
    call: { response: [503, 'Try again later', 230] },
    setting: {
      livekit: { inbound_trunks: [trunk(), trunk({ sip_trunk_id: 'ST_2', numbers: [] })], dispatch_rules: [rule()] },
    },
    want: likely('livekit_unavailable'),
  },
  {
    name: 'an old SBC’s "Service Unavailable" on two matching trunks is likely the conflict',
    call: { response: [503, 'Service Unavailable', 230] },
    setting: { livekit: TWO_TRUNKS },
    want: { ...likely('trunk_conflict'), alternatives: SERVICE_UNAVAILABLE },
  },
  {
    name: 'two trunks that would both match, but for an address that is not known, may or may not conflict',
    call: { response: [503, 'Try again later', 230] },
    setting: TWO_OF_AN_UNKNOWN_SBC,
    want: {
      ...likely('trunk_conflict'),
      alternatives: ['livekit_unavailable'],
      latent: ['source_address_not_allowed'],
    },
  },
  {
    name: 'a 503 "Try again later" with two clashing rules is a rule conflict',
    call: { response: [503, 'Try again later', 230] },
    setting: { livekit: TWO_RULES },
    want: certain('dispatch_rule_conflict'),
  },
  {
    name: 'rules for different called numbers do not clash',
    call: { response: [503, 'Try again later', 230] },
    setting: {
      livekit: {
        inbound_trunks: [trunk()],
        dispatch_rules: [rule({ numbers: [CALLED] }), rule({ sip_dispatch_rule_id: 'SDR_2', numbers: [OTHER] })],
      },
    },
    want: likely('livekit_unavailable'),
  },
  {
    name: 'a 503 "Try again later" without LiveKit’s configuration may be a conflict or an outage',
    call: { response: [503, 'Try again later', 230] },
    want: { ...possible('livekit_unavailable'), alternatives: ['trunk_conflict', 'dispatch_rule_conflict'] },
  },
  {
    name: 'behind a password a rule conflict cannot be certain: the credentials come first',
    call: { response: [503, 'Try again later', 230] },
    setting: { livekit: { ...TWO_RULES, inbound_trunks: WITH_PASSWORD.inbound_trunks } },
    want: { ...likely('dispatch_rule_conflict'), latent: ['auth_missing'] },
  },
  ...[230, 60].map(
    (at): Row => ({
      name: `nor does an old SBC’s "Service Unavailable" after ${at} ms hide that they may`,
      call: { response: [503, 'Service Unavailable', at] },
      setting: TWO_OF_AN_UNKNOWN_SBC,
      want: {
        ...likely('trunk_conflict'),
        alternatives: SERVICE_UNAVAILABLE,
        latent: ['source_address_not_allowed'],
      },
    }),
  ),
  {
    name: 'a conflict is found at once, so a late 503 may be a frozen backend although two trunks match',
    call: { response: [503, 'Try again later', 3_100] },
    setting: { livekit: TWO_TRUNKS },
    want: { ...likely('trunk_conflict'), alternatives: ['livekit_unavailable'] },
  },
  {
    name: 'the same holds for two clashing rules',
    call: { response: [503, 'Try again later', 3_100] },
    setting: { livekit: TWO_RULES },
    want: { ...likely('dispatch_rule_conflict'), alternatives: ['livekit_unavailable'] },
  },
  {
    name: 'an old SBC’s "Service Unavailable" on two clashing rules is likely their conflict',
    call: { response: [503, 'Service Unavailable', 230] },
    setting: { livekit: TWO_RULES },
    want: { ...likely('dispatch_rule_conflict'), alternatives: SERVICE_UNAVAILABLE },
  },
  ...['Maximum Calls In Progress', 'Max Account Calls In Progress', 'No Active Subscription'].map(
    (phrase): Row => ({
      name: `a 503 "${phrase}" is not what two matching trunks lead to: they come next`,
      call: { response: [503, phrase, 30] },
      setting: { livekit: TWO_TRUNKS },
      want: { ...certain(CAUSE_OF[phrase] ?? ''), latent: ['trunk_conflict'] },
    }),
  ),
  {
    name: 'a quota that is used up is not what two clashing rules lead to: they come next',
    call: { response: [503, 'Service temporarily unavailable', 230] },
    setting: { livekit: TWO_RULES },
    want: { ...certain('livekit_quota_exceeded'), latent: ['dispatch_rule_conflict'] },
  },
  {
    name: 'a quota is not expected of a self-hosted LiveKit, so its phrase is not certain there',
    call: { to: 'sip:+15550100@sip.example.com', response: [503, 'Service temporarily unavailable', 230] },
    setting: { livekit: FITTING, livekit_sip_host: 'sip.example.com', livekit_url: 'wss://livekit.example.com' },
    want: likely('livekit_quota_exceeded'),
  },
  {
    name: 'a 404 is no conflict’s answer, although two trunks match',
    call: { response: [404, 'Not Found', 230] },
    setting: { livekit: TWO_TRUNKS },
    want: { ...UNCLASSIFIED, latent: ['trunk_conflict'] },
  },
];
