import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { TRANSFER_REPORTED } from '../call/livekitEvent.ts';
import { readBody } from '../receive/jambonzWebhook.ts';
import type { RecordedCase } from './replay.ts';

/** The answer of LiveKit's API, as the agent got it: the HTTP status, and the Twirp error as text. */
const apiShape = Compile(Type.Object({ error: Type.Number(), body: Type.String() }));
const twirpShape = Compile(Type.Object({ code: Type.String(), msg: Type.String() }));

type RecordedWebhook = RecordedCase['webhooks'][number];

/**
 * The report of a failed transfer that the agent of a recorded call would have sent, halfway between the answer and the
 * end of the dialled leg. `undefined` if the case has no error of LiveKit's API, or no answered leg: the error is then
 * that of another request. A success is not told apart from the success of another request.
 */
export function reportedTransfer({
  api,
  webhooks,
}: Pick<RecordedCase, 'api' | 'webhooks'>): RecordedWebhook | undefined {
  const error = twirpError(api);
  const dialled = error === undefined ? [] : webhooks.flatMap(dialledStatus);
  const answered = dialled.find(({ callStatus, sbcCallId }) => callStatus === 'in-progress' && sbcCallId !== undefined);
  const ended = dialled.find(({ callSid, callStatus }) => callSid === answered?.callSid && callStatus === 'completed');
  if (!answered) return undefined;
  const body = { event: TRANSFER_REPORTED, sip_call_id: answered.sbcCallId, error };
  const atMs = ended ? (answered.atMs + ended.atMs) / 2 : answered.atMs;
  return { method: 'POST', path: '/livekit/webhook', body: JSON.stringify(body), at_ms: atMs };
}

function twirpError(api: unknown): object | undefined {
  if (!apiShape.Check(api)) return undefined;
  try {
    const error: unknown = JSON.parse(api.body);
    return twirpShape.Check(error) ? error : undefined;
  } catch {
    return undefined;
  }
}

/** The status of a dialled leg in a webhook of Jambonz's. */
function dialledStatus({ path, body, at_ms: atMs }: RecordedWebhook) {
  if (!path.endsWith('/call-status')) return [];
  const reading = readBody('call_status', Buffer.from(body ?? ''), { at: atMs, receivedAt: atMs, precise: true });
  if (!reading.ok || reading.event.parentCallSid === undefined) return [];
  const { callSid, callStatus, sbcCallId } = reading.event;
  return [{ callSid, callStatus, sbcCallId, atMs }];
}
