import { readFileSync } from 'node:fs';
import { type RecordedCase, recorded } from '../app/service.ts';

type Webhook = RecordedCase['webhooks'][number];

/** The SIP Call-ID of the call that an agent answered, and how many of LiveKit's recorded webhooks are of it. */
const ANSWERED = { callId: 'e4f381ca-966c-490f-b2ba-d54c87b64d6d', webhooks: 7 };

const OF_LIVEKIT = readFileSync(new URL('../recorded/livekit-webhooks.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .slice(0, ANSWERED.webhooks)
  .map((line) => JSON.parse(line) as { at: number; body: string });

/**
 * A call that an agent answers. No connected call was recorded on both sides, so it is LiveKit's recorded webhooks of
 * one, put into Jambonz's of a call that was ringing, with the answer that Jambonz would have reported.
 */
export function answeredCall(): Pick<RecordedCase, 'webhooks'> {
  const [trying, answered, dialled, ringing] = recorded('none-101-0').webhooks;
  const ended = recorded('none-101-0').webhooks.slice(-2);
  if (!trying || !answered || !dialled || !ringing) throw new Error('the recorded call has lost its webhooks');
  const { sbc_callid } = JSON.parse(ringing.body) as { sbc_callid: string };
  const began = OF_LIVEKIT[0]?.at ?? 0;
  const room = OF_LIVEKIT.map(
    ({ at, body }): Webhook => ({
      ...ringing,
      path: '/livekit/webhook',
      headers: {},
      body: body.replaceAll(ANSWERED.callId, sbc_callid),
      at_ms: ringing.at_ms + at - began,
    }),
  );
  const status = (webhook: Webhook, at_ms: number, keys: object): Webhook => ({
    ...webhook,
    body: JSON.stringify({ ...JSON.parse(webhook.body), ...keys }),
    at_ms,
  });
  const [dialHook, completed] = ended;
  if (!dialHook || !completed) throw new Error('the recorded call has lost its end');
  return {
    webhooks: [
      ...[trying, answered, dialled, ringing],
      ...room,
      status(ringing, 600, { call_status: 'in-progress', sip_status: 200, sip_reason: 'OK' }),
      status(ringing, 1_000, { call_status: 'completed', sip_status: 200, sip_reason: 'OK' }),
      status(dialHook, 1_020, { dial_call_status: 'completed', dial_sip_status: 200 }),
      status(completed, 1_040, {}),
    ],
  };
}
