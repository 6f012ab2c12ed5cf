import { randomUUID } from 'node:crypto';
import { aLeg, bLeg } from './firstIncident.ts';
import { type DemoWebhook, dialHook, status } from './jambonzWebhooks.ts';

/** How a call of the demo ends. Each has the statuses and the timing of a recorded call. */
export type DemoEnding = 'connects' | 'caller hangs up' | 'caller is refused' | 'no agent answers' | 'wrong dial';

const CALLED = '4991874350352';
/** The dial that fits the trunk, and the one of the incident: wrong host, wrong number, no credentials. */
const RIGHT = {
  to: `sip:${CALLED}@demo.sip.livekit.cloud`,
  customer_data: { sipwhy: { auth_username: 'livekit_client' } },
};
const WRONG = { to: bLeg.to, customer_data: bLeg.customer_data };
const RINGS_MS = 250;
/** The dial verb's timeout, in milliseconds. */
const DIAL_TIMEOUT_MS = 20_000;
const TALK_MS = 15_000;

/** The webhooks of one call from `caller`, with ids of its own. */
export function demoCall(ending: DemoEnding, caller: string): DemoWebhook[] {
  const a = { ...aLeg, ...ownIds(), from: caller };
  const dialled = ending === 'wrong dial' ? WRONG : RIGHT;
  const b = { ...bLeg, ...ownIds(), ...dialled, from: caller, parent_call_sid: a.call_sid };
  const ring = (at: number) => status(at, b, 180, 'Ringing', 'ringing');
  const dial = (at: number, dial_sip_status: number, dial_call_status: string) =>
    dialHook(at, a, { dial_call_status, dial_sip_status, dial_call_sid: b.call_sid, dial_sbc_callid: b.sbc_callid });
  const hungUp = (at: number, by: 'caller' | 'jambonz') =>
    status(at, { ...a, call_termination_by: by }, 200, 'OK', 'completed');
  const begun = [
    status(0, a, 100, 'Trying', 'trying'),
    status(40, a, 200, 'OK', 'in-progress'),
    status(160, b, 100, 'Trying', 'trying'),
  ];
  const over = 160 + DIAL_TIMEOUT_MS;
  switch (ending) {
    case 'connects': {
      const answered = [ring(RINGS_MS), status(900, b, 200, 'OK', 'in-progress')];
      const end = 900 + TALK_MS;
      const completed = status(end, { ...b, duration: TALK_MS / 1000 }, 200, 'OK', 'completed');
      return [...begun, ...answered, completed, dial(end + 10, 200, 'completed'), hungUp(end + 40, 'caller')];
    }
    case 'caller hangs up':
      return [...begun, ring(RINGS_MS), hungUp(700, 'caller'), dial(710, 180, 'ringing')];
    case 'caller is refused':
      // LiveKit matches nothing: it rings once, and then it is silent.
      return [...begun, ring(RINGS_MS), dial(over, 180, 'ringing'), hungUp(over + 400, 'jambonz')];
    case 'no agent answers':
      return [
        ...begun,
        ...everySecond(RINGS_MS, over).map(ring),
        dial(over, 180, 'ringing'),
        hungUp(over + 400, 'jambonz'),
      ];
    case 'wrong dial':
      return [
        ...begun,
        status(390, b, 503, 'Service Unavailable', 'failed'),
        dial(400, 503, 'failed'),
        hungUp(800, 'jambonz'),
      ];
  }
}

function ownIds(): { call_sid: string; call_id: string; sbc_callid: string } {
  return { call_sid: randomUUID(), call_id: randomUUID(), sbc_callid: randomUUID() };
}

function everySecond(from: number, to: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / 1000) }, (_, i) => from + i * 1000);
}
