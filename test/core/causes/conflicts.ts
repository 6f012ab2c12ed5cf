import { CALLED, rule, SBC, TWO_RULES, TWO_TRUNKS, trunk, WITH_PASSWORD } from '../scenario.ts';
import { certain, likely, possible, type Row } from './row.ts';

const OTHER = '+15550142';

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
    want: { ...likely('trunk_conflict'), alternatives: ['transport_unreachable', 'livekit_unavailable'] },
  },
  {
    name: 'two trunks that would both match, but for an address that is not known, may or may not conflict',
    call: { response: [503, 'Try again later', 230] },
    setting: {
      livekit: {
        inbound_trunks: [trunk({ allowed_addresses: [SBC] }), trunk({ sip_trunk_id: 'ST_2' })],
        dispatch_rules: [rule()],
      },
      sbc_addresses: [],
    },
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
];
