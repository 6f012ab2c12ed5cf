import type { ExampleDial } from '../../src/core/diagnose/causeExample.ts';
import { rule, trunk } from '../core/scenario.ts';
import { callOf } from './pageCalls.ts';
import type { Service } from './pageProcess.ts';

// Thirteen faults at once, each another incident: on trunks with names, and before LiveKit.

const CALLER = '+15550123';

/** A trunk for one number, with a rule of its own. */
function trunkOf(index: number, name: string, fields: object = {}): object {
  return trunk({ sip_trunk_id: `ST_${index}`, name, numbers: [`+1555010${index}`], ...fields });
}

export const THIRTEEN_FAULTS = {
  inbound_trunks: [
    trunkOf(0, 'Jambonz Inbound', { allowed_numbers: ['+15550142'] }),
    trunkOf(1, 'trunk-1211', { allowed_numbers: [CALLER] }),
    trunkOf(1, 'trunk-1212', { sip_trunk_id: 'ST_9' }),
    trunkOf(2, 'sales', { auth_username: 'livekit_client', auth_password: 'secret' }),
    trunkOf(3, 'support-line'),
    trunkOf(4, 'edge-2'),
    trunkOf(5, 'reception'),
    trunkOf(6, 'overflow'),
    trunkOf(7, 'after-hours', { auth_username: 'livekit_client', auth_password: 'secret' }),
    trunkOf(8, 'main-line'),
  ],
  dispatch_rules: [
    ...[0, 1, 2, 5, 7, 8].map((n) => rule({ sip_dispatch_rule_id: `SDR_${n}`, trunk_ids: [`ST_${n}`] })),
    rule({ sip_dispatch_rule_id: 'SDR_3', trunk_ids: ['ST_3'] }),
    rule({ sip_dispatch_rule_id: 'SDR_33', trunk_ids: ['ST_3'] }),
    rule({ sip_dispatch_rule_id: 'SDR_4', trunk_ids: ['ST_4'], numbers: ['+15550142'] }),
  ],
};

const livekit = (index: number) => `sip:+1555010${index}@lab.sip.livekit.cloud`;

/** How each fault answers, and how many calls meet it: the more, the higher its incident stands. */
export const FAULTS: readonly (ExampleDial & { readonly cause: string; readonly calls: number })[] = [
  { cause: 'caller_not_allowed', calls: 9, to: livekit(0), response: [404, 'Does not match any SIP Trunks', 200] },
  { cause: 'trunk_conflict', calls: 7, to: livekit(1), response: [503, 'Try again later', 230] },
  { cause: 'auth_missing', calls: 6, to: livekit(2), response: [407, 'Unauthorized', 230] },
  { cause: 'dispatch_rule_conflict', calls: 5, to: livekit(3), response: [503, 'Try again later', 230] },
  { cause: 'dispatch_rule_number_mismatch', calls: 4, to: livekit(4), response: [503, 'Come back tomorrow', 230] },
  { cause: 'media_negotiation_failed', calls: 4, to: livekit(5), ringing: [90], response: [400, 'Bad Request', 230] },
  { cause: 'dispatch_rule_other_trunk', calls: 3, to: livekit(6), response: [503, 'Come back tomorrow', 230] },
  { cause: 'auth_rejected', calls: 3, to: livekit(7), response: [401, 'Unauthorized', 230] },
  { cause: 'jambonz_account_limit', calls: 2, to: livekit(5), response: [503, 'Max Account Calls In Progress', 30] },
  { cause: 'dns_failure', calls: 2, to: livekit(5), response: [503, 'DNS Error', 40] },
  { cause: 'carrier_rejected', calls: 2, to: '+15550199', response: [403, 'Rejected by policy', 300] },
  { cause: 'jambonz_loop', calls: 1, to: livekit(5), response: [482, 'Loop Detected', 30] },
  { cause: 'jambonz_no_media_server', calls: 1, to: livekit(5), response: [480, 'Temporarily Unavailable', 30] },
];

/** Posts every call of every fault, and calls that connect, and waits until each incident has all of its calls. */
export async function postThirteenFaults(service: Service, connected = 30): Promise<void> {
  const dials = FAULTS.flatMap(({ calls, cause: _, ...dial }) => Array.from({ length: calls }, () => dial));
  const connects = { to: livekit(8), ringing: [90], response: [200, 'OK', 400] } as const;
  const all = [...dials, ...Array.from({ length: connected }, () => connects)];
  await Promise.all(
    all.map((dial, i) => service.post(callOf(i.toString(16).padStart(7, '0'), { from: CALLER, ...dial }))),
  );
  const wanted = FAULTS.reduce((sum, { calls }) => sum + calls, 0);
  await service.until<{ incidents: { calls: number }[] }>(
    'incidents?state=open&limit=50',
    ({ incidents }) => incidents.reduce((sum, { calls }) => sum + calls, 0) === wanted,
  );
  await service.until<{ attempts: number }>('stats?since=-1h', ({ attempts }) => attempts === wanted + connected);
}
