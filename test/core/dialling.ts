import { Running } from './running.ts';
import { rule, trunk, type Webhook } from './scenario.ts';

export const SECOND_LEG = 'c5bd6b0c-7f4a-4c0e-9d3e-000000000003';
export const PHONE = { call_sid: SECOND_LEG, to: '+15550199' };
export const BARRED = { inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })], dispatch_rules: [rule()] };

export function run(webhooks: readonly Webhook[], livekit?: typeof BARRED): Running {
  const running = new Running(livekit);
  running.deliver(webhooks.toSorted((a, b) => a.at_ms - b.at_ms));
  running.settleAll();
  return running;
}

/** The latest outcome and cause of each leg, and the confidence. */
export function verdictOf(running: Running, callSid: string) {
  const { outcome, cause, confidence } = running.latest(callSid)?.explanation ?? {};
  return { outcome, cause, confidence };
}

export const CONNECTED = { outcome: 'connected', cause: null, confidence: null };
