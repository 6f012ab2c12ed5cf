import { aLeg, B_LEG, everySecond, FITTING, restLeg } from '../scenario.ts';
import { likely, notCounted, type Row, UNCLASSIFIED } from './row.ts';

const livekit = { livekit: FITTING };
const NUMBER = '+15550199';
const URI = 'sip:+15550199@carrier.example.com';
const elsewhere = { ...livekit, livekit_sip_host: 'sip.example.org' };

/** Legs that are not LiveKit's are diagnosed by status, phrase and time alone. */
export const CARRIER_ROWS: readonly Row[] = [
  ...([403, 407, 502, 503] as const).map(
    (status): Row => ({
      name: `a ${status} of a carrier is the carrier’s refusal`,
      call: { to: NUMBER, response: [status, 'Rejected by policy', 300] },
      setting: livekit,
      want: likely('carrier_rejected'),
    }),
  ),
  {
    name: 'a carrier may put any phrase on a 503',
    call: { to: NUMBER, response: [503, 'Request Timeout', 300] },
    want: likely('carrier_rejected'),
  },
  ...([404, 410, 484, 604] as const).map(
    (status): Row => ({
      name: `a ${status} of a carrier is a number that does not exist`,
      call: { to: NUMBER, response: [status, 'Not Found', 300] },
      setting: livekit,
      want: notCounted('callee_unknown'),
    }),
  ),
  {
    name: 'a 404 "No trunk found" of a SIP server elsewhere is not LiveKit’s',
    call: { to: URI, response: [404, 'No trunk found', 300] },
    setting: elsewhere,
    want: notCounted('callee_unknown'),
  },
  ...([486, 600] as const).map(
    (status): Row => ({
      name: `a ${status} of a carrier is a busy callee`,
      call: { to: NUMBER, ringing: [900], response: [status, 'Busy', 4_000] },
      want: notCounted('callee_busy'),
    }),
  ),
  {
    name: 'a dial to a phone that gave up after ringing is a callee who did not answer',
    call: { to: NUMBER, ringing: [900], dialGaveUpAt: 30_000 },
    setting: livekit,
    want: notCounted('callee_no_answer'),
  },
  {
    name: 'one 180 and then silence is how a phone rings: nothing of LiveKit in it',
    call: { to: URI, ringing: [90], dialGaveUpAt: 30_000 },
    setting: elsewhere,
    want: notCounted('callee_no_answer'),
  },
  {
    name: 'a 408 of a carrier after ringing is a callee who did not answer',
    call: { to: NUMBER, ringing: [900], response: [408, 'Request Timeout', 60_000] },
    want: notCounted('callee_no_answer'),
  },
  {
    name: 'a caller who hung up while a phone rang gave up',
    call: { to: NUMBER, ringing: everySecond(900, 25_000), callerHungUpAt: 26_000 },
    want: notCounted('caller_abandoned'),
  },
  {
    name: 'a SIP URI is taken for LiveKit’s where LIVEKIT_SIP_HOST is not set',
    call: { to: URI, response: [407, 'Unauthorized', 300] },
    want: likely('auth_missing'),
  },
  {
    name: 'a REST call to LiveKit has no A leg and is an attempt itself',
    call: [restLeg(0, 100, 'Trying', 'trying'), restLeg(230, 407, 'Unauthorized', 'failed')],
    want: likely('auth_missing'),
  },
  {
    name: 'a REST call to a phone that is busy is nobody’s fault',
    call: [
      restLeg(0, 100, 'Trying', 'trying', { to: NUMBER }),
      restLeg(2_000, 486, 'Busy Here', 'busy', { to: NUMBER, call_sid: B_LEG }),
    ],
    want: notCounted('callee_busy'),
  },
  {
    name: 'a 503 of an inbound leg is diagnosed by its status only',
    call: [aLeg(0, 100, 'Trying', 'trying'), aLeg(300, 503, 'Try again later', 'failed')],
    setting: livekit,
    want: UNCLASSIFIED,
  },
  {
    name: 'a caller who hung up before an answer of the application abandoned the call',
    call: [aLeg(0, 100, 'Trying', 'trying'), aLeg(3_000, 487, 'Request Terminated', 'no-answer')],
    want: notCounted('caller_abandoned'),
  },
];
