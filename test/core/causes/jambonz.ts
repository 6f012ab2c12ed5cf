import { aLeg, FITTING, rule, trunk, withoutFinal } from '../scenario.ts';
import { certain, likely, notCounted, possible, type Row, UNCLASSIFIED } from './row.ts';

const livekit = { livekit: FITTING };
const CARRIER = '+15550199';
const CALLER_BARRED = { inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })], dispatch_rules: [rule()] };

/** FACTS: the SBC's own limits, media server and routing, and the feature server's internal errors. */
export const JAMBONZ_ROWS: readonly Row[] = [
  ...[
    ['Maximum Calls In Progress', 'jambonz_capacity'],
    ['Max Account Calls In Progress', 'jambonz_account_limit'],
    ['Max Service Provider Calls In Progress', 'jambonz_service_provider_limit'],
    ['No Active Subscription', 'jambonz_no_subscription'],
  ].flatMap(([phrase = '', cause = '']): Row[] => [
    {
      name: `a 503 "${phrase}" on a leg to LiveKit is ${cause}`,
      call: { response: [503, phrase, 30] },
      setting: livekit,
      want: certain(cause),
    },
    {
      name: `a 503 "${phrase}" is ${cause} without LiveKit's configuration too`,
      call: { response: [503, phrase, 30] },
      want: certain(cause),
    },
    {
      name: `a 503 "${phrase}" from a carrier may be another Jambonz's`,
      call: { to: CARRIER, response: [503, phrase, 30] },
      setting: livekit,
      want: likely(cause),
    },
    {
      name: `a 503 "${phrase}" on the caller's leg is ${cause}`,
      call: [aLeg(0, 100, 'Trying', 'trying'), aLeg(30, 503, phrase, 'failed')],
      setting: livekit,
      want: certain(cause),
    },
    {
      name: `a 503 "${phrase.toLowerCase()}" is nobody's known phrase`,
      call: { response: [503, phrase.toLowerCase(), 30] },
      setting: livekit,
      want: UNCLASSIFIED,
    },
  ]),
  {
    name: 'at a limit of Jambonz a fault of the trunk comes next',
    call: { response: [503, 'Max Account Calls In Progress', 30] },
    setting: { livekit: CALLER_BARRED },
    want: { ...certain('jambonz_account_limit'), latent: ['caller_not_allowed'] },
  },
  {
    name: 'a 480 on a leg to LiveKit is the SBC without a media server, since LiveKit never says so',
    call: { response: [480, 'Temporarily Unavailable', 30] },
    setting: livekit,
    want: likely('jambonz_no_media_server'),
  },
  {
    name: 'a 480 of a carrier is a callee who is away, or the SBC without a media server',
    call: { to: CARRIER, response: [480, 'Temporarily Unavailable', 30] },
    want: { ...notCounted('callee_no_answer'), alternatives: ['jambonz_no_media_server'] },
  },
  {
    name: 'a 480 of a carrier after ringing is not the SBC',
    call: { to: CARRIER, ringing: [900], response: [480, 'Temporarily Unavailable', 9_000] },
    want: notCounted('callee_no_answer'),
  },
  {
    name: 'a 482 on a leg to LiveKit is a loop',
    call: { response: [482, 'Loop Detected', 30] },
    setting: livekit,
    want: certain('jambonz_loop'),
  },
  {
    name: 'a 483 is not a loop of Jambonz',
    call: { response: [483, 'Too Many Hops', 30] },
    setting: livekit,
    want: UNCLASSIFIED,
  },
  {
    name: 'a 603 for a phone number without ringing is Jambonz without a carrier, or a callee who declined',
    call: { to: CARRIER, response: [603, 'Decline', 30] },
    want: { ...likely('jambonz_no_carrier'), alternatives: ['callee_declined'] },
  },
  {
    name: 'a 603 for a phone number after ringing is a callee who declined',
    call: { to: CARRIER, ringing: [900], response: [603, 'Decline', 5_000] },
    want: notCounted('callee_declined'),
  },
  {
    name: 'a 603 for a SIP URI elsewhere needs no carrier, so the callee declined',
    call: { to: 'sip:alice@pbx.example.com', response: [603, 'Decline', 30] },
    setting: { livekit_sip_host: 'lab.sip.livekit.cloud' },
    want: notCounted('callee_declined'),
  },
  {
    name: 'a 603 for a registered user needs no carrier either',
    call: { to: 'alice@pbx.example.com', response: [603, 'Decline', 30] },
    want: notCounted('callee_declined'),
  },
  {
    name: 'a 603 on a leg to LiveKit is nothing that LiveKit or Jambonz says there',
    call: { response: [603, 'Decline', 30] },
    setting: livekit,
    want: UNCLASSIFIED,
  },
  ...['Trying', 'Ringing', 'OK', 'Session Progress'].map(
    (phrase): Row => ({
      name: `a 500 "${phrase}" is an internal error of Jambonz, not a SIP answer`,
      call: { ringing: [90], response: [500, phrase, 3_000] },
      setting: livekit,
      want: certain('jambonz_internal_error'),
    }),
  ),
  {
    name: 'a 500 "Ringing" on a carrier leg is an internal error of Jambonz too',
    call: { to: CARRIER, ringing: [90], response: [500, 'Ringing', 3_000] },
    want: certain('jambonz_internal_error'),
  },
  {
    name: 'a 500 with the phrase of another failure cannot be left over from a webhook before',
    call: { response: [500, 'Busy Here', 300] },
    setting: livekit,
    want: likely('jambonz_internal_error'),
  },
  {
    name: 'a 500 "Server Internal Error" is no stale phrase',
    call: { ringing: [90], response: [500, 'Server Internal Error', 300] },
    setting: livekit,
    want: likely('media_negotiation_failed'),
  },
  {
    name: 'a 500 that only the dial hook tells has no phrase, and nothing says whose it is',
    call: withoutFinal({ response: [500, 'Trying', 300] }),
    setting: livekit,
    want: { ...UNCLASSIFIED, alternatives: ['jambonz_internal_error', 'media_negotiation_failed'] },
  },
  {
    name: 'a 500 on the caller’s leg is Jambonz’s own',
    call: [aLeg(0, 100, 'Trying', 'trying'), aLeg(30, 500, 'Server Internal Error', 'failed')],
    want: likely('jambonz_internal_error'),
  },
  {
    name: 'a 482 of a carrier may be a loop behind it',
    call: { to: CARRIER, response: [482, 'Loop Detected', 300] },
    want: likely('jambonz_loop'),
  },
  {
    name: 'a 500 of a carrier leg that only the dial hook tells may be an internal error, or the carrier’s',
    call: withoutFinal({ to: CARRIER, response: [500, 'Trying', 300] }),
    want: { ...possible('jambonz_internal_error'), alternatives: ['carrier_rejected'] },
  },
];
