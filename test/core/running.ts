import type { CallEvent } from '../../src/core/call/callEvent.ts';
import type { Site } from '../../src/core/diagnose/facts/site.ts';
import { siteFrom } from '../../src/core/diagnose/facts/site.ts';
import type { Verdict } from '../../src/core/diagnose/judgeCall.ts';
import { type AttemptRecord, recordOf } from '../../src/core/diagnose/record.ts';
import { type Explanation, explain } from '../../src/core/explain/explanation.ts';
import { readBody } from '../../src/core/receive/jambonzWebhook.ts';
import { VirtualCalls } from '../../src/core/replay/virtualCalls.ts';
import { readSnapshot } from '../../src/core/trunks/readSnapshot.ts';
import { FITTING, SBC, type Setting, type Webhook } from './scenario.ts';

/** When virtual time begins. */
export const EPOCH_MS = 1_795_387_200_000;

/** The event of a webhook that arrives at its `at_ms`, or later by `lateMs` with its time known to the second. */
export function eventOf(webhook: Webhook, lateMs = 0): CallEvent {
  const at = EPOCH_MS + webhook.at_ms;
  const hook = webhook.path.endsWith('dial-action') ? 'dial_action' : 'call_status';
  const precise = lateMs === 0;
  const moment = { at: precise ? at : Math.floor(at / 1000) * 1000, receivedAt: at + lateMs, precise };
  const reading = readBody(hook, Buffer.from(webhook.body ?? ''), moment);
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return reading.event;
}

/** A verdict with its time in milliseconds since virtual time began. */
export interface Timed {
  readonly at: number;
  readonly callSid: string;
  readonly record: AttemptRecord;
  readonly explanation: Explanation;
}

/** A pipeline under virtual time. */
export class Running {
  readonly pipeline: VirtualCalls;
  readonly verdicts: Timed[] = [];

  constructor(livekit: Setting['livekit'] = FITTING, site: Partial<Site> = {}, isConfigurationKnown = true) {
    const reading = readSnapshot(livekit);
    if (!reading.ok) throw new Error(reading.faults.join());
    const configuration = { snapshot: reading.snapshot, ageSeconds: 0, isStale: false };
    const known = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [SBC] });
    this.pipeline = new VirtualCalls({ ...known, ...site }, () => (isConfigurationKnown ? configuration : undefined));
  }

  /** Lets webhooks arrive, each at its `at_ms`, and settles what is due before each. */
  deliver(webhooks: readonly Webhook[], lateMs = 0): void {
    for (const webhook of webhooks) {
      this.settleBefore(webhook.at_ms + lateMs);
      this.pipeline.accept(eventOf(webhook, lateMs));
    }
  }

  /** Lets time pass up to, and without, this moment. */
  settleBefore(atMs: number): void {
    for (;;) {
      const due = this.pipeline.nextDeadline();
      if (due === undefined || due >= EPOCH_MS + atMs) return;
      this.verdicts.push(...this.pipeline.settle(due).map(timed));
    }
  }

  /** Lets time pass until nothing more is expected. */
  settleAll(): void {
    this.settleBefore(Number.POSITIVE_INFINITY);
  }

  /** The latest verdict of a leg. */
  latest(callSid: string): Timed | undefined {
    return this.verdicts.findLast((verdict) => verdict.callSid === callSid);
  }
}

function timed(verdict: Verdict): Timed {
  const record = recordOf(verdict);
  return { at: verdict.settledAt - EPOCH_MS, callSid: record.callSid, record, explanation: explain(record) };
}
