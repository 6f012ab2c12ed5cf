import { FITTING, LIVEKIT_URI, TWO_TRUNKS, withoutFinal } from '../scenario.ts';
import { certain, likely, possible, type Row, UNCLASSIFIED } from './row.ts';

const livekit = { livekit: FITTING };
const CARRIER = '+15550199';
const TLS_URI = `${LIVEKIT_URI};transport=tls`;
const LIMITS = [
  'jambonz_capacity',
  'jambonz_account_limit',
  'jambonz_service_provider_limit',
  'jambonz_no_subscription',
];
const IPV6_URI = 'sip:+15550100@[2001:db8::5]';

/** FACTS: what the SIP stack of the SBC says by itself, and when. */
export const NETWORK_ROWS: readonly Row[] = [
  {
    name: 'a 503 "DNS Error" at once is a host that does not resolve',
    call: { response: [503, 'DNS Error', 40] },
    setting: livekit,
    want: certain('dns_failure'),
  },
  {
    name: 'a 503 "DNS Error" after 64 s is a resolver that does not answer',
    call: { response: [503, 'DNS Error', 64_100] },
    setting: livekit,
    want: certain('dns_failure'),
  },
  {
    name: 'a 503 "DNS Error" on a host known to be wrong is the wrong host',
    call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [503, 'DNS Error', 40] },
    setting: { ...livekit, livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
    want: { ...likely('sip_host_wrong'), alternatives: ['dns_failure'] },
  },
  {
    name: 'a 503 "DNS Error" from a carrier may be the stack of somebody behind it',
    call: { to: CARRIER, response: [503, 'DNS Error', 40] },
    want: likely('dns_failure'),
  },
  {
    name: 'a 503 "Service Unavailable" within 0.1 s is a refused connection, or a far end that says so',
    call: { response: [503, 'Service Unavailable', 60] },
    setting: livekit,
    want: { ...likely('transport_unreachable'), alternatives: ['livekit_unavailable', 'livekit_quota_exceeded'] },
  },
  {
    name: 'a 503 "Service Unavailable" in the millisecond of the INVITE is a refused connection',
    call: { response: [503, 'Service Unavailable', 0] },
    setting: livekit,
    want: { ...likely('transport_unreachable'), alternatives: ['livekit_unavailable', 'livekit_quota_exceeded'] },
  },
  {
    name: 'a 503 "Service Unavailable" after 0.5 s came from somewhere, and cannot be told from a reset',
    call: { response: [503, 'Service Unavailable', 500] },
    setting: livekit,
    want: { ...possible('livekit_unavailable'), alternatives: ['transport_unreachable', 'livekit_quota_exceeded'] },
  },
  {
    name: 'a 503 without a phrase, told by the dial hook only, may be any 503 that there is',
    call: withoutFinal({ response: [503, 'Try again later', 500] }),
    setting: livekit,
    want: {
      ...possible('livekit_unavailable'),
      alternatives: [...LIMITS, 'dns_failure', 'transport_unreachable', 'livekit_quota_exceeded'],
    },
  },
  {
    name: 'a 503 without a phrase at once may be a limit of Jambonz’s as well as a refused connection',
    call: withoutFinal({ response: [503, 'Max Account Calls In Progress', 30] }),
    setting: livekit,
    want: {
      ...possible('transport_unreachable'),
      alternatives: [...LIMITS, 'dns_failure', 'livekit_unavailable', 'livekit_quota_exceeded'],
    },
  },
  {
    name: 'a 503 without a phrase of a carrier may be a limit of Jambonz’s as well',
    call: withoutFinal({ to: CARRIER, response: [503, 'Max Account Calls In Progress', 500] }),
    want: { ...likely('carrier_rejected'), alternatives: [...LIMITS, 'dns_failure', 'transport_unreachable'] },
  },
  {
    name: 'a 503 "Service Unavailable" without LiveKit’s configuration may be a conflict that an old SBC renames',
    call: { response: [503, 'Service Unavailable', 230] },
    want: {
      ...possible('livekit_unavailable'),
      alternatives: ['transport_unreachable', 'livekit_quota_exceeded', 'trunk_conflict', 'dispatch_rule_conflict'],
    },
  },
  {
    name: 'a 503 "Service Unavailable" after 32 s of silence came from the host’s next address',
    call: { response: [503, 'Service Unavailable', 32_090] },
    setting: livekit,
    want: { ...possible('transport_unreachable'), alternatives: ['livekit_unavailable', 'livekit_quota_exceeded'] },
  },
  {
    name: 'a 503 "Service Unavailable" of a self-hosted LiveKit is no quota',
    call: { to: 'sip:+15550100@sip.example.com', response: [503, 'Service Unavailable', 230] },
    setting: { ...livekit, livekit_sip_host: 'sip.example.com', livekit_url: 'wss://livekit.example.com' },
    want: { ...possible('livekit_unavailable'), alternatives: ['transport_unreachable'] },
  },
  {
    name: 'a 503 "Service Unavailable" on a host known to be wrong is the wrong host, or anybody',
    call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [503, 'Service Unavailable', 60] },
    setting: { ...livekit, livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
    want: {
      ...likely('sip_host_wrong'),
      alternatives: ['transport_unreachable', 'livekit_unavailable', 'livekit_quota_exceeded'],
    },
  },
  {
    name: 'a 503 "DNS Error" does not come from two trunks that match: they would stop the call next',
    call: { response: [503, 'DNS Error', 40] },
    setting: { livekit: TWO_TRUNKS },
    want: { ...certain('dns_failure'), latent: ['trunk_conflict'] },
  },
  {
    name: 'an old SBC’s "Service Unavailable" at once does not hide two trunks that match',
    call: { response: [503, 'Service Unavailable', 60] },
    setting: { livekit: TWO_TRUNKS },
    want: {
      ...likely('trunk_conflict'),
      alternatives: ['transport_unreachable', 'livekit_unavailable', 'livekit_quota_exceeded'],
    },
  },
  {
    name: 'a 503 "Service Unavailable" within 0.1 s on a carrier leg is a refused connection, or the carrier',
    call: { to: CARRIER, response: [503, 'Service Unavailable', 60] },
    want: { ...likely('transport_unreachable'), alternatives: ['carrier_rejected'] },
  },
  {
    name: 'a 503 "Service Unavailable" after ringing is no refused connection',
    call: { to: CARRIER, ringing: [40], response: [503, 'Service Unavailable', 60] },
    want: likely('carrier_rejected'),
  },
  ...['No transport', 'Cannot insert Via'].map(
    (phrase): Row => ({
      name: `a 503 "${phrase}" is the SBC without that transport`,
      call: { response: [503, phrase, 20] },
      setting: livekit,
      want: certain('transport_unreachable'),
    }),
  ),
  {
    name: 'a 416 for a sips: URI is the SBC without TLS',
    call: { to: LIVEKIT_URI.replace('sip:', 'sips:'), response: [416, 'Unsupported URI Scheme', 20] },
    setting: livekit,
    want: certain('transport_unreachable'),
  },
  {
    name: 'a 416 for a sip: URI is not what the stack does, so it is not certain',
    call: { response: [416, 'Unsupported URI Scheme', 20] },
    setting: livekit,
    want: likely('transport_unreachable'),
  },
  {
    name: 'a 500 at once without ringing for a TLS URI is the SBC without TLS, or LiveKit’s empty 500',
    call: { to: TLS_URI, response: [500, 'Server Internal Error', 20] },
    setting: livekit,
    want: { ...likely('transport_unreachable'), alternatives: ['media_negotiation_failed'] },
  },
  {
    name: 'a 500 at once for an IPv6 host is the SBC without IPv6, or LiveKit’s empty 500',
    call: { to: IPV6_URI, response: [500, 'Server Internal Error', 20] },
    setting: livekit,
    want: { ...likely('transport_unreachable'), alternatives: ['media_negotiation_failed'] },
  },
  {
    name: 'a 500 at once for a plain URI has no better explanation than the transport, and a weak one',
    call: { response: [500, 'Server Internal Error', 20] },
    setting: livekit,
    want: { ...possible('transport_unreachable'), alternatives: ['media_negotiation_failed'] },
  },
  {
    name: 'a 500 at once of a carrier may be the SBC without the gateway’s transport',
    call: { to: CARRIER, response: [500, 'Server Internal Error', 20] },
    want: { ...likely('carrier_rejected'), alternatives: ['transport_unreachable'] },
  },
  {
    name: 'a 500 of a carrier after 0.5 s is the carrier’s',
    call: { to: CARRIER, response: [500, 'Server Internal Error', 500] },
    want: likely('carrier_rejected'),
  },
  {
    name: 'a 408 after 32 s without ringing is nobody answering',
    call: { response: [408, 'Request Timeout', 32_050] },
    setting: livekit,
    want: certain('sip_timeout'),
  },
  {
    name: 'a 408 after 64 s without ringing is two addresses, both silent',
    call: { response: [408, 'Request Timeout', 64_080] },
    setting: livekit,
    want: certain('sip_timeout'),
  },
  {
    name: 'a 408 sooner than the stack gives up is not certainly the stack’s',
    call: { response: [408, 'Request Timeout', 12_000] },
    setting: livekit,
    want: likely('sip_timeout'),
  },
  {
    name: 'a 408 at neither 32 s nor 64 s is not certainly silence: the webhook of a ringing may be lost',
    call: { response: [408, 'Request Timeout', 217_000] },
    setting: livekit,
    want: likely('sip_timeout'),
  },
  {
    name: 'a 408 of a carrier after 32 s may be that of somebody behind it',
    call: { to: CARRIER, response: [408, 'Request Timeout', 32_050] },
    want: likely('sip_timeout'),
  },
  {
    name: 'a 408 on a host known to be wrong is the wrong host, or silence',
    call: { to: 'sip:+15550100@first-abcdefgh.sip.livekit.cloud', response: [408, 'Request Timeout', 32_050] },
    setting: { ...livekit, livekit_url: 'wss://first-abcdefgh.livekit.cloud' },
    want: { ...likely('sip_host_wrong'), alternatives: ['sip_timeout'] },
  },
  {
    name: 'a dial that gave up without a ringing was not answered by anybody, since LiveKit rings at once',
    call: { dialGaveUpAt: 20_000 },
    setting: livekit,
    want: likely('sip_timeout'),
  },
  {
    name: 'a leg of which nothing but its beginning was heard shows nothing: its webhooks may be lost',
    call: {},
    setting: livekit,
    want: UNCLASSIFIED,
  },
  {
    name: 'a carrier may well be slow to ring, so a dial that gave up on it says nothing',
    call: { to: CARRIER, dialGaveUpAt: 20_000 },
    want: UNCLASSIFIED,
  },
];
