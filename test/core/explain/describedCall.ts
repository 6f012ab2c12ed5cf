import assert from 'node:assert/strict';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { describeCall } from '../../../src/core/explain/callJson.ts';
import { EPOCH_MS, eventOf, Running } from '../running.ts';
import { A_LEG, type Dial, SBC, webhooksOf } from '../scenario.ts';
import { BARRED } from '../settling.ts';

export const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [SBC] });
const DROPPED: Dial = { ringing: [90], dialGaveUpAt: 20_000 };
export const STARTED_AT = EPOCH_MS + 160;
export const iso = (time: number) => new Date(time).toISOString();

/** A settled call as the API describes it. */
export function described(dial: Dial, livekit: typeof BARRED) {
  const running = new Running(livekit);
  const webhooks = webhooksOf(dial);
  running.deliver(webhooks);
  running.settleAll();
  const attempts = running.verdicts.map(({ callSid, record, at }) => ({
    callSid,
    startedAt: STARTED_AT,
    settledAt: EPOCH_MS + at,
    record,
  }));
  const events = webhooks.map((webhook) => eventOf(webhook));
  return describeCall(SITE, { callId: A_LEG, events, attempts, liveKitEvents: [] }, () => undefined);
}

/** A call that its trunk barred. */
export const CALL = described(DROPPED, BARRED);
export const [ATTEMPT = assert.fail()] = CALL.attempts;
