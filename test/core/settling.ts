import { Running } from './running.ts';
import { bLeg, dialHook, rule, trunk, type Webhook } from './scenario.ts';

export const BARRED = { inbound_trunks: [trunk({ allowed_numbers: ['+15550142'] })], dispatch_rules: [rule()] };

/** Runs webhooks to their end. */
export function run(webhooks: readonly Webhook[], livekit?: typeof BARRED): Running {
  const running = new Running(livekit);
  running.deliver(webhooks);
  running.settleAll();
  return running;
}

/** What was said of each leg, in order. Later webhooks of a call may have the same said again. */
export function causes({ verdicts }: Running): [callSid: string, cause: string][] {
  const said = verdicts.map(
    ({ callSid, explanation }) => [callSid, explanation.cause ?? explanation.outcome] as [string, string],
  );
  return said.filter((now, i) => JSON.stringify(now) !== JSON.stringify(said[i - 1]));
}

export const TRYING = bLeg(160, 100, 'Trying', 'trying');
export const REFUSED = bLeg(390, 407, 'Unauthorized', 'failed');
export const HOOK = dialHook(400, 407, 'failed');
