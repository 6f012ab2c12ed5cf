import { CALLED, CALLER, type Webhook } from './scenario.ts';

// Webhooks of LiveKit in the form of the recorded ones, for the call of scenario.ts. Times in milliseconds of its clock.

/** The SIP Call-ID that scenario.ts gives the B leg. */
export const B_LEG_CALL_ID = 'b-leg@192.0.2.10';

let count = 0;

function webhook(at_ms: number, event: string, keys: object): Webhook {
  count += 1;
  const body = { event, room: { sid: 'RM_1', name: 'call-1' }, id: `EV_${count}`, createdAt: '1', ...keys };
  return { method: 'POST', path: '/livekit/webhook', headers: {}, body: JSON.stringify(body), at_ms };
}

/** A webhook of the SIP participant. */
export function caller(at: number, event: string, attributes: object = {}, more: object = {}): Webhook {
  const sip = {
    'sip.callIDFull': B_LEG_CALL_ID,
    'sip.ruleID': 'SDR_1',
    'sip.phoneNumber': CALLER,
    'sip.trunkPhoneNumber': CALLED,
  };
  const participant = { sid: 'PA_sip', identity: `sip_${CALLER}`, kind: 'SIP', attributes: { ...sip, ...attributes } };
  return webhook(at, event, { participant: { ...participant, ...more } });
}

/** A webhook of the agent. */
export function agent(at: number, event: string, more: object = {}): Webhook {
  return webhook(at, event, { participant: { sid: 'PA_agent', identity: 'agent-1', kind: 'AGENT', ...more } });
}

/** The agent published its audio: its participant is named by sid and identity only. */
export function agentAudio(at: number, more: object = {}): Webhook {
  const track = { sid: 'TR_1', source: 'MICROPHONE', mimeType: 'audio/red' };
  return webhook(at, 'track_published', { participant: { sid: 'PA_agent', identity: 'agent-1', ...more }, track });
}

export function roomStarted(at: number): Webhook {
  return webhook(at, 'room_started', {});
}

export function roomFinished(at: number, more: object = {}): Webhook {
  return webhook(at, 'room_finished', more);
}

export function jobStarted(at: number, id = 'AJ_1'): Webhook {
  return webhook(at, 'agent_job_started', { job: { id, agentName: 'greeter' } });
}

/** The agent's report of a transfer: the error of LiveKit's API, or `null` if it succeeded. */
export function transferReported(at_ms: number, error: object | null, sip_call_id = B_LEG_CALL_ID): Webhook {
  const body = JSON.stringify({ event: 'transfer_reported', sip_call_id, error });
  return { method: 'POST', path: '/livekit/webhook', headers: {}, body, at_ms };
}

export function jobEnded(at: number): Webhook {
  return webhook(at, 'agent_job_ended', { job: { id: 'AJ_1', agentName: 'greeter' } });
}
