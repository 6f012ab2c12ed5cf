import assert from 'node:assert/strict';
import { Running } from '../running.ts';
import {
  A_LEG,
  B_LEG,
  CALLED,
  type Dial,
  LIVEKIT_URI,
  rule,
  type Setting,
  TWO_TRUNKS,
  trunk,
  type Webhook,
  webhooksOf,
} from '../scenario.ts';

export const OTHER_NUMBER = '+15550142';
export const OTHER_URI = LIVEKIT_URI.replace(CALLED, OTHER_NUMBER);
/** A trunk that no other one conflicts with, and its rule, beside a configuration. */
export const withThird = ({ inbound_trunks, dispatch_rules }: NonNullable<Setting['livekit']>) => ({
  inbound_trunks: [...inbound_trunks, trunk({ sip_trunk_id: 'ST_3', name: 'third', numbers: [OTHER_NUMBER] })],
  dispatch_rules: [...dispatch_rules, rule({ sip_dispatch_rule_id: 'SDR_3', trunk_ids: ['ST_3'] })],
});
export const CONFLICT = withThird(TWO_TRUNKS);

export const AGAIN: Dial = { response: [503, 'Try again later', 230] };
export const ELSEWHERE: Dial = { ...AGAIN, to: OTHER_URI };
export const CONNECTS: Dial = { to: OTHER_URI, ringing: [90], response: [200, 'OK', 900] };

interface Made {
  readonly id: string;
  /** Seconds since virtual time began. */
  readonly at: number;
  readonly dial: Dial;
}

export function made(id: string, at: number, dial: Dial): Made {
  return { id, at, dial };
}

export function legOf(id: string): string {
  return `${id}-b`;
}

export function webhooksOfCall({ id, at, dial }: Made): Webhook[] {
  return webhooksOf(dial).map((webhook) => ({
    ...webhook,
    at_ms: webhook.at_ms + at * 1_000,
    body: (webhook.body ?? '')
      .replaceAll(A_LEG, `${id}-a`)
      .replaceAll(B_LEG, legOf(id))
      .replaceAll('a-leg@', `${id}-a@`)
      .replaceAll('b-leg@', `${id}-b@`),
  }));
}

export function run(calls: readonly Made[], livekit: Setting['livekit'] = CONFLICT): Running {
  const running = new Running(livekit, { sipHosts: [] });
  running.deliver(calls.flatMap(webhooksOfCall).toSorted((a, b) => a.at_ms - b.at_ms));
  running.settleAll();
  return running;
}

export function verdict(running: Running, id: string) {
  const { blocking, confidence, latent, alternatives } = running.latest(legOf(id))?.explanation ?? {};
  return { blocking, confidence, latent, alternatives };
}

export function shown(running: Running, id: string, name: string): string | undefined {
  const evidence = running.latest(legOf(id))?.explanation.evidence.find((piece) => piece.name === name);
  if (evidence) assert.equal(evidence.source, 'neighbours');
  return evidence?.value;
}

export const SAME = 'other calls on the same trunk';
export const OTHERS = 'calls on other trunks or without a trunk';
export const WITHIN = ' (within 60 s before or after this call)';
