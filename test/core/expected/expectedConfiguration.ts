import assert from 'node:assert/strict';
import { siteFrom } from '../../../src/core/diagnose/facts/site.ts';
import { type ExpectedCall, readExpected } from '../../../src/core/expected/expectedFile.ts';
import { type ExpectedResult, judgeExpected } from '../../../src/core/expected/judgeExpected.ts';
import { readSnapshot } from '../../../src/core/trunks/readSnapshot.ts';
import type { Snapshot } from '../../../src/core/trunks/snapshot.ts';

export const ANNA = '+4915112345678';
export const BERT = '+4915187654321';
export const STRANGER = '+15550100';

const trunk = (name: string, number: string, fields: object = {}) => ({
  sip_trunk_id: `ST_${name}`,
  name: `${name} line`,
  numbers: [number],
  ...fields,
});
const rule = (name: string, fields: object = {}) => ({
  sip_dispatch_rule_id: `SDR_${name}`,
  name: `${name} room`,
  rule: { dispatch_rule_individual: { room_prefix: `${name}-` } },
  trunk_ids: [`ST_${name}`],
  ...fields,
});
const agents = (...names: readonly string[]) => ({
  room_config: { agents: names.map((agent_name) => ({ agent_name })) },
});

/** One trunk for each way in which a call gets in, or doesn't. */
export const LINES = {
  inbound_trunks: [
    trunk('support', '+4991874350352'),
    trunk('vip', '+4930100', { allowed_numbers: [ANNA, BERT] }),
    trunk('locked', '+4930200', { auth_username: 'livekit_client', auth_password: 'secret' }),
    trunk('fenced', '+4930300', { allowed_addresses: ['192.0.2.0/24'] }),
    trunk('secure', '+4930400', { media: { encryption: 'SIP_MEDIA_ENCRYPT_REQUIRE' } }),
    trunk('twin1', '+4930500'),
    trunk('twin2', '+4930500'),
    trunk('bare', '+4930600'),
    trunk('double', '+4930700'),
    trunk('picky', '+4930800'),
    trunk('split', '+4930900'),
    trunk('gated', '+4931000', { auth_username: 'livekit_client', auth_password: 'secret' }),
    trunk('wide', '+4931100'),
  ],
  dispatch_rules: [
    rule('support', agents('greeter', 'note-taker')),
    rule('vip', { rule: { dispatch_rule_direct: { room_name: 'vip-lounge' } } }),
    rule('locked', { rule: { dispatch_rule_callee: { room_prefix: 'desk-' } } }),
    rule('fenced'),
    rule('secure'),
    rule('twin1'),
    rule('twin2'),
    rule('double'),
    rule('double', { sip_dispatch_rule_id: 'SDR_double2' }),
    rule('picky', { inbound_numbers: [ANNA] }),
    rule('gated', { inbound_numbers: [ANNA] }),
    rule('wide'),
    rule('wide', { sip_dispatch_rule_id: 'SDR_elsewhere', inbound_numbers: [ANNA], numbers: ['+4931199'] }),
    rule('split', { inbound_numbers: [ANNA] }),
    rule('split', { sip_dispatch_rule_id: 'SDR_others', name: 'others', ...agents('fallback') }),
  ],
};

/** A rule of no trunk lets in what no trunk matches. */
export const BYPASSED = {
  inbound_trunks: [trunk('vip', '+4930100', { allowed_numbers: [ANNA] })],
  dispatch_rules: [rule('vip', { trunk_ids: [] })],
};

/** The same, for one caller. */
export const BYPASSED_BY_BERT = {
  inbound_trunks: [trunk('vip', '+4930100', { allowed_numbers: [ANNA] })],
  dispatch_rules: [rule('vip'), rule('any', { trunk_ids: [], inbound_numbers: [BERT] })],
};

/** Another trunk takes the calls that the first doesn't match. */
export const SECOND_CHANCE = {
  inbound_trunks: [
    trunk('first', '+4930100', {
      allowed_addresses: ['192.0.2.0/24'],
      auth_username: 'livekit_client',
      auth_password: 'secret',
    }),
    { sip_trunk_id: 'ST_rest', name: 'rest', numbers: [] },
  ],
  dispatch_rules: [rule('first'), rule('rest')],
};

export function snapshotFrom(livekit: object): Snapshot {
  const reading = readSnapshot(livekit);
  assert.ok(reading.ok);
  return reading.snapshot;
}

export interface AskedSite {
  readonly sbcAddresses?: readonly string[];
  readonly sipHosts?: readonly string[];
}

/** The results of a file with these entries. */
export function judged(
  livekit: object,
  calls: readonly object[],
  { sbcAddresses = ['192.0.2.10'], sipHosts = ['lab.sip.livekit.cloud'] }: AskedSite = {},
): readonly ExpectedResult[] {
  const reading = readExpected({ calls });
  if (!reading.ok) throw new Error(reading.faults.join('\n'));
  return judgedCalls(snapshotFrom(livekit), reading.calls, { sbcAddresses, sipHosts });
}

export function judgedCalls(
  snapshot: Snapshot,
  calls: readonly ExpectedCall[],
  { sbcAddresses = [], sipHosts = [] }: AskedSite,
): readonly ExpectedResult[] {
  const site = siteFrom({ sipHosts, livekitUrlHost: undefined, sbcAddresses });
  const steps = judgeExpected(site, snapshot, calls);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
