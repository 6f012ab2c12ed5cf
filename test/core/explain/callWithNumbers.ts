import assert from 'node:assert/strict';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { describeCall } from '../../../src/core/explain/callJson.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import { EPOCH_MS, eventOf, Running } from '../running.ts';
import { A_LEG, rule, trunk, webhooksOf } from '../scenario.ts';

const SITE = siteFrom({ sipHosts: ['lab.sip.livekit.cloud'], livekitUrlHost: undefined, sbcAddresses: [] });

/** One call with these numbers wherever numbers can be. */
export function callWith(caller: string, called: string, listed: string) {
  const livekit = {
    inbound_trunks: [
      trunk({ numbers: [called], allowed_numbers: [listed, called], name: `main line ${listed}` }),
      trunk({ sip_trunk_id: 'ST_2', numbers: [listed] }),
    ],
    dispatch_rules: [rule({ inbound_numbers: [listed], numbers: [called] })],
  };
  const to = `sip:${encodeURIComponent(called)}@lab.sip.livekit.cloud`;
  const webhooks = webhooksOf({ from: caller, to, ringing: [90], response: [503, `No way to ${called}`, 9_000] });
  const running = new Running(livekit);
  running.deliver(webhooks);
  running.settleAll();
  const reading = readSnapshot(livekit);
  assert.ok(reading.ok);
  const attempts = running.verdicts.map(({ callSid, at, record }) => ({
    callSid,
    startedAt: EPOCH_MS,
    settledAt: EPOCH_MS + at,
    record,
  }));
  const events = webhooks.map((sent) => eventOf(sent));
  const record = { callId: A_LEG, events, attempts, liveKitEvents: [] };
  return describeCall(SITE, record, () => ({ snapshot: reading.snapshot, ageSeconds: 0, isStale: false }));
}
