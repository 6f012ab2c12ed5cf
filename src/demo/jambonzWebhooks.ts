import type { RecordedCase } from '../core/replay/replay.ts';

/** A webhook of Jambonz; `at_ms` is the time since its call began. */
export type DemoWebhook = RecordedCase['webhooks'][number];

/** A status of a leg, as Jambonz's call status hook sends it. */
export function status(
  at_ms: number,
  leg: object,
  sip_status: number,
  sip_reason: string,
  call_status: string,
): DemoWebhook {
  return webhook('call-status', at_ms, { ...leg, sip_status, sip_reason, call_status });
}

/** What Jambonz's dial hook says of a dial, beside the keys of the answered leg that dialled. */
export function dialHook(at_ms: number, leg: object, dial: object): DemoWebhook {
  const answered = { sip_status: 200, sip_reason: 'OK', call_status: 'in-progress' };
  return webhook('dial-action', at_ms, { ...leg, ...answered, ...dial });
}

function webhook(hook: 'call-status' | 'dial-action', at_ms: number, body: object): DemoWebhook {
  return { method: 'POST', path: `/jambonz/${hook}`, body: JSON.stringify(body), at_ms };
}
