import type { ExampleDial } from '../../src/core/diagnose/causeExample.ts';
import type { AttemptRecord } from '../../src/core/diagnose/record.ts';
import type { Explanation } from '../../src/core/explain/explanation.ts';
import { parseCase, type RecordedCase, replay } from '../../src/core/replay/replay.ts';

// Hand-made calls in the form of recorded ones, so that they take the same way through receive, correlate and settle.

export type Webhook = RecordedCase['webhooks'][number];

export const A_LEG = 'a5bd6b0c-7f4a-4c0e-9d3e-000000000001';
export const B_LEG = 'b5bd6b0c-7f4a-4c0e-9d3e-000000000002';
export const CALLED = '+15550100';
export const CALLER = '+15550123';
export const SBC = '192.0.2.10';
export const LIVEKIT_URI = `sip:${CALLED}@lab.sip.livekit.cloud`;

/** One webhook; `keys` as Jambonz sends them. */
export function webhook(hook: 'call-status' | 'dial-action', at_ms: number, keys: object): Webhook {
  return { method: 'POST', path: `/jambonz/${hook}`, headers: {}, body: JSON.stringify(keys), at_ms };
}

/** A status of the A leg. */
export function aLeg(
  at: number,
  sip_status: number,
  sip_reason: string,
  call_status: string,
  more: object = {},
): Webhook {
  const keys = { call_sid: A_LEG, direction: 'inbound', from: CALLER, to: CALLED, sbc_callid: 'a-leg@192.0.2.10' };
  return webhook('call-status', at, { ...keys, sip_status, sip_reason, call_status, ...more });
}

/** A status of a B leg. */
export function bLeg(
  at: number,
  sip_status: number,
  sip_reason: string,
  call_status: string,
  more: object = {},
): Webhook {
  const keys = { call_sid: B_LEG, parent_call_sid: A_LEG, direction: 'outbound', from: CALLER, to: LIVEKIT_URI };
  return webhook('call-status', at, { ...keys, sip_status, sip_reason, call_status, ...more });
}

/** The dial hook. */
export function dialHook(at: number, dial_sip_status: number, dial_call_status: string, more: object = {}): Webhook {
  const keys = { call_sid: A_LEG, direction: 'inbound', from: CALLER, to: CALLED, sip_status: 200, sip_reason: 'OK' };
  const dial = { dial_call_sid: B_LEG, dial_sip_status, dial_call_status };
  return webhook('dial-action', at, { ...keys, call_status: 'in-progress', ...dial, ...more });
}

/** A status of a leg made through Jambonz's REST API: outbound, and nobody's B leg. */
export function restLeg(at: number, sip_status: number, sip_reason: string, call_status: string, more: object = {}) {
  return bLeg(at, sip_status, sip_reason, call_status, { parent_call_sid: undefined, ...more });
}

/** The A leg's first two webhooks: it was answered, so that the application could dial. */
export const A_LEG_ANSWERED = [aLeg(0, 100, 'Trying', 'trying'), aLeg(40, 200, 'OK', 'in-progress')];

/** When the B leg's INVITE is sent. */
export const BEGIN_MS = 160;
const sbc_callid = 'b-leg@192.0.2.10';

/** What came of a dialled leg; times in milliseconds after its INVITE. */
export type Dial = ExampleDial;

/** The webhooks of an A leg that dialled once, in the order and at the distances at which Jambonz sends them. */
export function webhooksOf({ to = LIVEKIT_URI, from = CALLER, tag, ringing: rings = [], ...end }: Dial): Webhook[] {
  const endAt = end.response?.[2] ?? end.callerHungUpAt ?? end.dialGaveUpAt ?? 0;
  const ringing = rings === 'every second' ? everySecond(90, endAt - 1) : rings;
  const leg = { to, from, ...(tag && { customer_data: tag }) };
  // The feature server learns the SIP Call-ID from the first 18x or 200.
  const knows = (status: number) => status < 300 || ringing.length > 0;
  const b: BLeg = (at, status, reason, call_status, more = {}) =>
    bLeg(BEGIN_MS + at, status, reason, call_status, {
      ...leg,
      ...(knows(status) && status > 100 && { sbc_callid }),
      ...more,
    });
  const rang = ringing.map((at) => b(at, 180, 'Ringing', 'ringing'));
  const begun = [...A_LEG_ANSWERED, b(0, 100, 'Trying', 'trying'), ...rang];
  if (end.answeredAt !== undefined) return [...begun, ...answeredCall(end, b)];
  if (end.response) {
    const [status, reason, after] = end.response;
    const at = BEGIN_MS + after;
    const callStatus = callStatusOf(status);
    const final = b(after, status, reason, callStatus);
    if (callStatus === 'in-progress') return [...begun, final];
    const hook = dialHook(at + 10, status, callStatus, knows(status) ? { dial_sbc_callid: sbc_callid } : {});
    return [...begun, final, hook, aLeg(at + 410, 200, 'OK', 'completed')];
  }
  // The B leg's listeners are gone by the time its 487 comes: its last webhook is the ringing.
  const [lastStatus, lastCallStatus] = rang.length > 0 ? ([180, 'ringing'] as const) : ([100, 'trying'] as const);
  const lastKeys = rang.length > 0 ? { dial_sbc_callid: sbc_callid } : {};
  if (end.callerHungUpAt !== undefined) {
    const at = BEGIN_MS + end.callerHungUpAt;
    const hungUp = aLeg(at, 200, 'OK', 'completed', { call_termination_by: 'caller' });
    return [...begun, hungUp, dialHook(at + 10, lastStatus, lastCallStatus, lastKeys)];
  }
  if (end.dialGaveUpAt === undefined) return begun;
  const at = BEGIN_MS + end.dialGaveUpAt;
  return [...begun, dialHook(at, lastStatus, lastCallStatus, lastKeys), aLeg(at + 400, 200, 'OK', 'completed')];
}

type BLeg = (at: number, status: number, reason: string, call_status: string, more?: object) => Webhook;

/** An answered call and its end, as recorded: Jambonz reports the B leg's end first, whoever hung up. */
function answeredCall(
  { answeredAt = 0, callerHungUpAt, farEndHungUpAt, callerStaysMs = 395 }: Dial,
  b: BLeg,
): Webhook[] {
  const answered = b(answeredAt, 200, 'OK', 'in-progress');
  const endAt = callerHungUpAt ?? farEndHungUpAt;
  if (endAt === undefined) return [answered];
  const duration = Math.floor((endAt - answeredAt) / 1000);
  const ended = b(endAt, 200, 'OK', 'completed', { duration });
  const at = BEGIN_MS + endAt;
  const dialled = { dial_sbc_callid: sbc_callid };
  if (callerHungUpAt !== undefined) {
    const hungUp = aLeg(at + 5, 200, 'OK', 'completed', { call_termination_by: 'caller', duration });
    return [answered, ended, hungUp, dialHook(at + 10, 200, 'completed', { ...dialled, call_status: 'completed' })];
  }
  const over = aLeg(at + callerStaysMs, 200, 'OK', 'completed', { call_termination_by: 'jambonz', duration });
  return [answered, ended, dialHook(at + 10, 200, 'completed', dialled), over];
}

/** The same webhooks without the B leg's last one, so that only the dial hook tells of the response. */
export function withoutFinal(dial: Dial): Webhook[] {
  const webhooks = webhooksOf(dial);
  const last = webhooks.findLastIndex(({ body = '' }) => body.includes(`"call_sid":"${B_LEG}"`));
  return webhooks.toSpliced(last, 1);
}

/** The same webhooks without those that tell of the ringing. */
export function withoutRinging(dial: Dial): Webhook[] {
  return webhooksOf(dial).filter(({ body = '' }) => !body.includes('"call_status":"ringing"'));
}

/** The same webhooks without any of the B leg: only the dial hook tells that there was one. */
export function withoutLeg(dial: Dial): Webhook[] {
  return webhooksOf(dial).filter(({ body = '' }) => !body.includes(`"call_sid":"${B_LEG}"`));
}

// Jambonz: 487 becomes no-answer, 486 and 600 busy, all other failures failed.
function callStatusOf(status: number): string {
  if (status < 300) return 'in-progress';
  if (status === 487) return 'no-answer';
  return status === 486 || status === 600 ? 'busy' : 'failed';
}

/** Every second from `from` to `to`, as LiveKit repeats its 180 for an admitted call. */
export function everySecond(from: number, to: number): number[] {
  return Array.from({ length: Math.floor((to - from) / 1000) + 1 }, (_, i) => from + i * 1000);
}

export interface Setting {
  readonly livekit?: { readonly inbound_trunks: readonly object[]; readonly dispatch_rules: readonly object[] };
  readonly sbc_addresses?: string | readonly string[];
  readonly livekit_url?: string;
  readonly livekit_sip_host?: string;
  readonly jambonz_livekit_carriers?: string;
}

export function trunk(fields: object = {}): object {
  return { sip_trunk_id: 'ST_1', name: 'first', numbers: [CALLED], ...fields };
}

export function rule(fields: object = {}): object {
  const individual = { dispatch_rule_individual: { room_prefix: 'call-' } };
  return { sip_dispatch_rule_id: 'SDR_1', rule: individual, trunk_ids: ['ST_1'], ...fields };
}

/** One trunk that takes the call, with the one rule bound to it. */
export const FITTING = { inbound_trunks: [trunk()], dispatch_rules: [rule()] };

/** The same, with username and password. */
export const WITH_PASSWORD = {
  inbound_trunks: [trunk({ auth_username: 'livekit_client', auth_password: 'secret' })],
  dispatch_rules: [rule()],
};

/** Two trunks that both take the call: LiveKit creates such a pair, one with allowed_numbers and one without. */
export const TWO_TRUNKS = {
  inbound_trunks: [
    trunk({ allowed_numbers: [CALLER] }),
    trunk({ sip_trunk_id: 'ST_2', name: 'second', allowed_numbers: [] }),
  ],
  dispatch_rules: [rule()],
};

/** Two dispatch rules with the same trunk, numbers and pin. */
export const TWO_RULES = {
  inbound_trunks: [trunk()],
  dispatch_rules: [rule(), rule({ sip_dispatch_rule_id: 'SDR_2' })],
};

/** A project without any trunk or rule. */
export const EMPTY = { inbound_trunks: [], dispatch_rules: [] };

/** What a call comes to: its explanations, one for each attempt. */
export function explain(webhooks: readonly Webhook[], setting: Setting = {}): readonly Explanation[] {
  return replayed(webhooks, setting).calls;
}

function replayed(webhooks: readonly Webhook[], setting: Setting) {
  const replayed = replay(parseCase({ id: 'hand-made', sbc_addresses: SBC, ...setting, webhooks }));
  // A rule that throws is left out of a diagnosis, which may look right without it.
  for (const { rule_errors } of replayed.calls) if (rule_errors) throw new Error(JSON.stringify(rule_errors));
  return replayed;
}

/** The explanation of a call with a single attempt. */
export function explainOnly(webhooks: readonly Webhook[], setting: Setting = {}): Explanation {
  return onlyOf(explain(webhooks, setting));
}

/** What is kept of a call with a single attempt. */
export function recordOnly(webhooks: readonly Webhook[], setting: Setting = {}): AttemptRecord {
  return onlyOf(replayed(webhooks, setting).records);
}

/** What is kept of a single dial. */
export function recordDial(dial: Dial, setting: Setting = {}): AttemptRecord {
  return recordOnly(webhooksOf(dial), setting);
}

function onlyOf<T>([only, ...more]: readonly T[]): T {
  if (!only || more.length > 0) throw new Error(`expected one attempt, got ${only ? more.length + 1 : 0}`);
  return only;
}

/** The explanation of a single dial. */
export function explainDial(dial: Dial, setting: Setting = {}): Explanation {
  return explainOnly(webhooksOf(dial), setting);
}
