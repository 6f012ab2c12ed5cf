import { createHash } from 'node:crypto';
import type { Random } from '../oracle/random.ts';

// What Jambonz tells of a call: its webhooks, made from the SIP answers that its legs got.

/** A SIP answer; `after` in milliseconds from the INVITE. */
export interface Answer {
  readonly after: number;
  readonly status: number;
  readonly reason: string;
}

/** A dialled leg as the SIP layer saw it. */
export interface Leg {
  readonly callSid: string;
  /** The SIP Call-ID that the far end sees. */
  readonly callId: string;
  readonly to: string;
  readonly from: string;
  readonly tag?: object | undefined;
  readonly answers: readonly Answer[];
}

export interface Dial {
  readonly legs: readonly Leg[];
  /** The dial's own timeout, in milliseconds. */
  readonly timeout: number;
  /** When the caller hung up, in milliseconds from the INVITEs, if before an answer and before the timeout. */
  readonly hungUpAfter?: number | undefined;
}

export interface Manner {
  /** An SBC older than September 2025 puts the standard phrase on every answer. */
  readonly isOldSbc: boolean;
  readonly hasDialHook: boolean;
  /** How the hooks are configured; only a POST can be signed. */
  readonly hooks: 'signed' | 'unsigned' | 'get';
}

export interface Webhook {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly at_ms: number;
}

const STANDARD: Readonly<Record<number, string>> = {
  180: 'Ringing',
  183: 'Session Progress',
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  480: 'Temporarily Unavailable',
  482: 'Loop Detected',
  486: 'Busy Here',
  488: 'Not Acceptable Here',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  603: 'Decline',
};

const BEGAN_S = 1_790_000_000;
const INVITE_MS = 120;
const TALK_MS = 42_000;
/** From the end of one dial to the INVITE of the next. */
const NEXT_DIAL_MS = 300;

/** The webhooks of a call that is answered by the application, dials, and dials again where a dial failed. */
export function webhooksOf(
  random: Random,
  dials: readonly Dial[],
  manner: Manner,
): { readonly sent: Webhook[]; readonly invitedAt: readonly number[] } {
  const [first] = dials;
  const from = first?.legs[0]?.from ?? 'anonymous';
  const sid = uuid(random);
  const common = {
    account_sid: uuid(random),
    trace_id: uuid(random).replaceAll('-', ''),
    application_sid: uuid(random),
    fs_sip_address: '172.20.10.31:5060',
    fs_public_ip: '198.51.100.9',
  };
  const a = {
    call_sid: sid,
    direction: 'inbound',
    from,
    to: '+15550199',
    call_id: uuid(random),
    sbc_callid: uuid(random),
    originating_sip_ip: '203.0.113.150',
    originating_sip_trunk_name: 'carrier',
    ...common,
  };
  const sent: { at: number; hook: string; keys: object }[] = [];
  const status = (at: number, keys: object) => sent.push({ at, hook: 'call-status', keys });
  status(0, { ...a, sip_status: 100, sip_reason: 'Trying', call_status: 'trying' });
  status(40, { ...a, sip_status: 200, sip_reason: 'OK', call_status: 'in-progress' });

  let at = 40 + INVITE_MS;
  let hungUp = false;
  const invitedAt: number[] = [];
  for (const dial of dials) {
    invitedAt.push(at);
    const end = endOf(dial);
    for (const leg of dial.legs) {
      const b = bLeg(leg, sid, uuid(random), common);
      status(at, { ...b, sip_status: 100, sip_reason: 'Trying', call_status: 'trying' });
      let knows: object = {};
      for (const answer of report(leg, end)) {
        if (answer.status > 100 && answer.status < 300) knows = { sbc_callid: leg.callId };
        const call_status = callStatusOf(answer.status);
        const sip_reason = phrase(answer, manner);
        status(at + answer.after, { ...b, ...knows, sip_status: answer.status, sip_reason, call_status });
      }
      if (end.answered === leg) {
        const done = { sip_status: 200, sip_reason: 'OK', call_status: 'completed', duration: TALK_MS / 1000 };
        status(at + end.after + TALK_MS, { ...b, ...knows, ...done });
      }
    }
    const over = at + end.after + (end.answered ? TALK_MS : 0);
    // Callers end the calls that are answered.
    hungUp = end.by === 'caller' || end.answered !== undefined;
    if (hungUp) {
      const ended = { sip_status: 200, sip_reason: 'OK', call_status: 'completed', call_termination_by: 'caller' };
      status(over, { ...a, ...ended, duration: Math.round(over / 1000) });
    }
    const result = {
      ...a,
      sip_status: 200,
      sip_reason: 'OK',
      call_status: end.answered ? 'completed' : 'in-progress',
      ...dialResult(dial, end),
    };
    if (manner.hasDialHook) sent.push({ at: over + 10, hook: 'dial-action', keys: result });
    at = over + 10 + NEXT_DIAL_MS;
  }
  if (!hungUp) {
    const ended = { sip_status: 200, sip_reason: 'OK', call_status: 'completed', duration: Math.round(at / 1000) };
    status(at + 100, { ...a, ...ended });
  }
  const inOrder = sent.sort((x, y) => x.at - y.at);
  return { sent: inOrder.map(({ at, hook, keys }) => deliver(at, hook, keys, manner)), invitedAt };
}

/** The webhooks of a leg that came to Jambonz, with nothing dialled from it. */
export function inboundLeg(
  random: Random,
  answers: readonly Answer[],
  manner: Manner,
): { sid: string; sent: Webhook[] } {
  const sid = uuid(random);
  const a = { call_sid: sid, direction: 'inbound', from: '+15550123', to: '+15550199', call_id: uuid(random) };
  const trying = { after: 0, status: 100, reason: 'Trying' };
  const sent = [trying, ...answers].map((answer) => {
    const call_status = answer.status === 100 ? 'trying' : callStatusOf(answer.status);
    const keys = { ...a, sip_status: answer.status, sip_reason: phrase(answer, manner), call_status };
    return deliver(answer.after, 'call-status', keys, manner);
  });
  return { sid, sent };
}

interface End {
  readonly by: 'answers' | 'timeout' | 'caller';
  readonly after: number;
  readonly answered: Leg | undefined;
}

/** When and how a dial ends: with the first answer, with the last refusal, by its timeout or with the caller. */
export function endOf({ legs, timeout, hungUpAfter }: Dial): End {
  const finals = legs.map((leg) => ({ leg, final: leg.answers.find(({ status }) => status >= 200) }));
  const [answered] = finals
    .filter(({ final }) => final && final.status < 300)
    .sort((a, b) => (a.final?.after ?? 0) - (b.final?.after ?? 0));
  const last = Math.max(...finals.map(({ final }) => final?.after ?? Number.POSITIVE_INFINITY));
  const limit = hungUpAfter ?? timeout;
  const by = hungUpAfter === undefined ? 'timeout' : 'caller';
  const answeredAt = answered?.final?.after ?? Number.POSITIVE_INFINITY;
  if (answered && answeredAt < limit) return { by: 'answers', after: answeredAt, answered: answered.leg };
  if (last < limit) return { by: 'answers', after: last, answered: undefined };
  return { by, after: limit, answered: undefined };
}

/** Once a dial is over its legs are no longer listened to: the 487 of a cancelled leg is never told. */
function report(leg: Leg, end: End): readonly Answer[] {
  return leg.answers.filter(({ after }) => after < end.after || (end.by === 'answers' && after === end.after));
}

function dialResult({ legs }: Dial, end: End): object {
  const delivered = legs.map((leg) => ({
    leg,
    last: report(leg, end).at(-1) ?? { after: 0, status: 100, reason: 'Trying' },
  }));
  const named =
    delivered.find(({ leg }) => leg === end.answered) ?? delivered.sort((a, b) => b.last.after - a.last.after)[0];
  if (!named) return {};
  const { leg, last } = named;
  const isKnown = report(leg, end).some(({ status }) => status > 100 && status < 300);
  return {
    dial_call_status: end.answered ? 'completed' : callStatusOf(last.status),
    dial_sip_status: last.status,
    dial_call_sid: leg.callSid,
    ...(isKnown && { dial_sbc_callid: leg.callId }),
  };
}

function bLeg(leg: Leg, parent: string, callId: string, common: object): object {
  const { callSid, to, from, tag } = leg;
  const keys = { call_sid: callSid, direction: 'outbound', from, to, call_id: callId, caller_id: from };
  return { ...keys, ...common, parent_call_sid: parent, ...(tag && { customer_data: tag }) };
}

function callStatusOf(status: number): string {
  if (status === 100) return 'trying';
  if (status === 183) return 'early-media';
  if (status < 200) return 'ringing';
  if (status < 300) return 'in-progress';
  if (status === 487) return 'no-answer';
  return status === 486 || status === 600 ? 'busy' : 'failed';
}

const SAID_BY_JAMBONZ = /Calls In Progress|Subscription|DNS Error|transport|Via|URI Scheme|^Trying$|^Ringing$/;

function phrase({ status, reason }: Answer, { isOldSbc }: Manner): string {
  const isPassedOn = reason !== '' && (!isOldSbc || SAID_BY_JAMBONZ.test(reason));
  return isPassedOn ? reason : (STANDARD[status] ?? reason);
}

function deliver(at: number, hook: string, keys: object, { hooks }: Manner): Webhook {
  const path = `/jambonz/${hook}`;
  if (hooks === 'get') {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(keys)) {
      query.set(key, typeof value === 'object' ? JSON.stringify(value) : `${value}`);
    }
    return { method: 'GET', path: `${path}?${query}`, headers: {}, at_ms: at };
  }
  const body = JSON.stringify(keys);
  if (hooks === 'unsigned') return { method: 'POST', path, headers: {}, body, at_ms: at };
  const t = BEGAN_S + Math.floor(at / 1000);
  const v1 = createHash('sha256').update(`${t}.${body}`).digest('hex');
  return { method: 'POST', path, headers: { 'jambonz-signature': `t=${t},v1=${v1}` }, body, at_ms: at };
}

export function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
