import { PATH } from '../load/requestLane.ts';
import { statusWebhooks } from '../load/statusWebhooks.ts';

/** The webhooks of a call whose dial is over before the call is, so that no timer decides. */
export function dialledCall(call: number): { readonly path: string; readonly body: string }[] {
  const statuses = statusWebhooks(call).map((body) => ({ path: PATH, body }));
  const [answered, refused] = [statuses[1], statuses[4]].map((status) => JSON.parse(status?.body ?? ''));
  const dialled = { dial_call_status: 'failed', dial_sip_status: 503, dial_call_sid: refused.call_sid };
  const result = { path: '/jambonz/dial-action', body: JSON.stringify({ ...answered, ...dialled }) };
  return [...statuses.slice(0, 5), result, ...statuses.slice(5)];
}
