import { CALLER, everySecond, FITTING, rule, trunk, withoutFinal, withoutRinging } from '../scenario.ts';
import { certain, likely, notCounted, possible, type Row, UNCLASSIFIED } from './row.ts';

const livekit = { livekit: FITTING };
const CARRIER = '+15550199';
const ADMITTED = everySecond(90, 19_090);
const rings20 = { livekit: { ...FITTING, inbound_trunks: [trunk({ ringing_timeout: '20s' })] } };
const NO_AGENT = ['agent_not_joined', 'agent_not_publishing'];
const WILDCARD = rule({ trunk_ids: [] });

/** FACTS: what LiveKit answers once it has admitted a call, and its own outages. */
export const ROOM_ROWS: readonly Row[] = [
  {
    name: 'a call that LiveKit answered connected',
    call: { ringing: [90], response: [200, 'OK', 900] },
    setting: livekit,
    want: { outcome: 'connected', blocking: [], confidence: null },
  },
  {
    name: 'a 180 every second until the dial gave up is no agent',
    call: { ringing: ADMITTED, dialGaveUpAt: 20_000 },
    setting: livekit,
    want: { ...likely('agent_not_joined'), alternatives: ['agent_not_publishing'] },
  },
  {
    name: 'a second 180 is enough to show that LiveKit admitted the call',
    call: { ringing: [90, 1_090], dialGaveUpAt: 5_000 },
    setting: { livekit: { ...FITTING, inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })] } },
    want: { ...likely('agent_not_joined'), alternatives: ['agent_not_publishing'] },
  },
  {
    name: 'it takes no configuration to see that LiveKit admitted a call',
    call: { ringing: ADMITTED, dialGaveUpAt: 20_000 },
    want: { ...likely('agent_not_joined'), alternatives: ['agent_not_publishing'] },
  },
  {
    name: 'a caller who waited 20 s for an agent left because of that',
    call: { ringing: ADMITTED, callerHungUpAt: 20_000 },
    setting: livekit,
    want: { ...likely('agent_not_joined'), alternatives: ['agent_not_publishing', 'caller_abandoned'] },
  },
  {
    name: 'a caller who left after 4 s of ringing did not wait for the agent',
    call: { ringing: everySecond(90, 3_500), callerHungUpAt: 4_000 },
    setting: livekit,
    want: { ...notCounted('caller_abandoned'), alternatives: NO_AGENT },
  },
  {
    name: 'a caller who left within a second left on their own',
    call: { ringing: [90], callerHungUpAt: 900 },
    setting: livekit,
    want: notCounted('caller_abandoned'),
  },
  {
    name: 'a wildcard rule that let the call in past its trunk is found, whoever failed then',
    call: { ringing: ADMITTED, dialGaveUpAt: 20_000 },
    setting: { livekit: { inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })], dispatch_rules: [WILDCARD] } },
    want: {
      ...likely('agent_not_joined'),
      alternatives: ['agent_not_publishing'],
      findings: ['wildcard_rule_admits_unmatched_calls'],
      trunk: 'none',
    },
  },
  {
    name: 'a wildcard rule is no hole for a call that its trunk takes',
    call: { ringing: ADMITTED, dialGaveUpAt: 20_000 },
    setting: { livekit: { inbound_trunks: [trunk({ allowed_numbers: [CALLER] })], dispatch_rules: [WILDCARD] } },
    want: { ...likely('agent_not_joined'), alternatives: ['agent_not_publishing'], trunk: 'ST_1' },
  },
  {
    name: 'a 486 "Rejected" when the trunk’s ringing_timeout has passed is no agent',
    call: { ringing: ADMITTED, response: [486, 'Rejected', 20_100] },
    setting: rings20,
    want: { ...likely('agent_not_joined'), alternatives: ['livekit_room_closed'] },
  },
  {
    name: 'a 486 "Rejected" long before the trunk’s ringing_timeout is the room',
    call: { ringing: everySecond(90, 5_090), response: [486, 'Rejected', 5_600] },
    setting: rings20,
    want: { ...likely('livekit_room_closed'), alternatives: ['agent_not_joined'] },
  },
  {
    name: 'a 486 "Rejected" of a trunk without ringing_timeout is the room',
    call: { ringing: ADMITTED, response: [486, 'Rejected', 20_100] },
    setting: livekit,
    want: { ...likely('livekit_room_closed'), alternatives: ['agent_not_joined'] },
  },
  {
    name: 'a 486 of LiveKit is no busy callee under an old SBC’s phrase either',
    call: { ringing: everySecond(90, 5_090), response: [486, 'Busy Here', 5_600] },
    setting: livekit,
    want: { ...likely('livekit_room_closed'), alternatives: ['agent_not_joined'] },
  },
  {
    name: 'a 486 is a busy callee only where the leg is not LiveKit’s',
    call: { to: CARRIER, ringing: [900], response: [486, 'Busy Here', 5_600] },
    setting: livekit,
    want: notCounted('callee_busy'),
  },
  {
    name: 'a 400 "Bad Request" after ringing is LiveKit’s empty 400: no common codec',
    call: { ringing: [90], response: [400, 'Bad Request', 230] },
    setting: livekit,
    want: certain('media_negotiation_failed'),
  },
  {
    name: 'the Call-ID shows that it rang where the webhook of the ringing is lost',
    call: withoutRinging({ ringing: [90], response: [400, 'Bad Request', 230] }),
    setting: livekit,
    want: certain('media_negotiation_failed'),
  },
  {
    name: 'a 400 "Bad Request" without ringing may be an old SBC’s phrase for an INVITE that LiveKit cannot parse',
    call: { response: [400, 'Bad Request', 230] },
    setting: livekit,
    want: possible('media_negotiation_failed'),
  },
  {
    name: 'a 400 "Bad request" is LiveKit’s word for an INVITE that it cannot parse, and no codec',
    call: { response: [400, 'Bad request', 230] },
    setting: livekit,
    want: UNCLASSIFIED,
  },
  {
    name: 'a 400 with a phrase of its own is not LiveKit’s empty one',
    call: { ringing: [90], response: [400, 'Missing Contact', 230] },
    setting: livekit,
    want: UNCLASSIFIED,
  },
  {
    name: 'a 400 of which only the dial hook tells may be either',
    call: withoutFinal({ ringing: [90], response: [400, 'Bad Request', 230] }),
    setting: livekit,
    want: likely('media_negotiation_failed'),
  },
  {
    name: 'a 500 after ringing is a media error of LiveKit',
    call: { ringing: [90], response: [500, 'Server Internal Error', 300] },
    setting: livekit,
    want: likely('media_negotiation_failed'),
  },
  {
    name: 'a 488 is media, whoever says it',
    call: { to: CARRIER, response: [488, 'Not Acceptable Here', 300] },
    setting: livekit,
    want: likely('media_negotiation_failed'),
  },
  {
    name: 'a 503 "Service temporarily unavailable" is the project’s quota',
    call: { response: [503, 'Service temporarily unavailable', 230] },
    setting: livekit,
    want: certain('livekit_quota_exceeded'),
  },
  {
    name: 'a 503 "Service temporarily unavailable" of a carrier is no quota of LiveKit',
    call: { to: CARRIER, response: [503, 'Service temporarily unavailable', 230] },
    setting: livekit,
    want: likely('carrier_rejected'),
  },
  {
    name: 'a 503 "Try again later" that the configuration does not explain is likely an outage of LiveKit',
    call: { response: [503, 'Try again later', 230] },
    setting: livekit,
    want: likely('livekit_unavailable'),
  },
  {
    name: 'in an outage of LiveKit a fault of the trunk comes next',
    call: { response: [503, 'Try again later', 230] },
    setting: { livekit: { ...FITTING, inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })] } },
    want: { ...likely('livekit_unavailable'), latent: ['caller_not_allowed'] },
  },
  {
    name: 'a 503 with a phrase that nobody is known to say stays unclassified',
    call: { response: [503, 'Come back tomorrow', 230] },
    setting: livekit,
    want: UNCLASSIFIED,
  },
];
