import { createHash } from 'node:crypto';

/** Status webhooks of one call, in the order in which Jambonz sends them. */
export const WEBHOOKS_PER_CALL = 6;

/** The called number of every call. Both trunks of `CONFIGURATION` have it. */
const CALLED = '+12025550100';
/** Callers rotate through the other numbers of a fictional range, +12025550101 to +12025550199. */
const CALLERS = 99;
const SIP_HOST = 'abc.sip.livekit.cloud';
const ACCOUNT = 'c6bec2b9-83b5-43a6-8413-d6555c3d3be1';
const APPLICATION = '7622c6cc-4065-4f22-a28a-fa6a9882267d';
/** Length in bytes of a UUID and of a trace id. */
const ID_BYTES = 16;
const IDS_PER_CALL = 7;

/** Two trunks conflict on the called number, so LiveKit answers 503 and each call has evidence. */
export const CONFIGURATION = {
  inbound_trunks: [
    { sip_trunk_id: 'ST_load000000001', name: 'main', numbers: [CALLED] },
    { sip_trunk_id: 'ST_load000000002', name: 'copy', numbers: [CALLED] },
  ],
  dispatch_rules: [
    { sip_dispatch_rule_id: 'SDR_load00000001', rule: { dispatch_rule_individual: { room_prefix: 'call-' } } },
  ],
};

/**
 * Bodies of the webhooks of a call that LiveKit refuses: A leg answered, B leg refused with a 503, A leg over. Modelled
 * after Jambonz's own (test/recorded/livekit-sip-cases.jsonl.gz). The same number gives the same bodies.
 */
export function statusWebhooks(call: number): readonly string[] {
  const [callSid, dialledSid, callId, dialledCallId, sbcCallId, dialledSbcCallId, trace] = idsOf(call);
  const from = `+120255501${String(1 + (call % CALLERS)).padStart(2, '0')}`;
  const account = { account_sid: ACCOUNT, trace_id: trace?.replaceAll('-', ''), application_sid: APPLICATION };
  const incoming = (sip_status: number, sip_reason: string, call_status: string, ended: object = {}) => ({
    call_sid: callSid,
    direction: 'inbound',
    from,
    to: CALLED,
    call_id: callId,
    sbc_callid: sbcCallId,
    sip_status,
    sip_reason,
    call_status,
    ...account,
    fs_sip_address: '192.0.2.31:5060',
    originating_sip_ip: '192.0.2.68',
    originating_sip_trunk_name: 'Example Telecom',
    ...ended,
    fs_public_ip: '192.0.2.22',
  });
  const dialled = (sip_status: number, sip_reason: string, call_status: string, sbc_callid?: string) => ({
    call_sid: dialledSid,
    direction: 'outbound',
    from,
    to: `sip:${CALLED}@${SIP_HOST}`,
    call_id: dialledCallId,
    sbc_callid,
    sip_status,
    sip_reason,
    call_status,
    caller_id: from,
    ...account,
    fs_sip_address: '192.0.2.31:5060',
    parent_call_sid: callSid,
    fs_public_ip: '192.0.2.22',
  });
  return [
    incoming(100, 'Trying', 'trying'),
    incoming(200, 'OK', 'in-progress'),
    dialled(100, 'Trying', 'trying'),
    dialled(180, 'Ringing', 'ringing', dialledSbcCallId),
    dialled(503, 'Try again later', 'failed', dialledSbcCallId),
    incoming(200, 'OK', 'completed', { duration: 1 }),
  ].map((body) => JSON.stringify(body));
}

/** UUIDs in random order, as real ones are. Growing ids would be easier on an index. */
function idsOf(call: number): string[] {
  const bytes = createHash('shake256', { outputLength: IDS_PER_CALL * ID_BYTES })
    .update(`call ${call}`)
    .digest('hex');
  return Array.from({ length: IDS_PER_CALL }, (_, i) =>
    bytes
      .slice(i * 2 * ID_BYTES, (i + 1) * 2 * ID_BYTES)
      .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-8$4-$5'),
  );
}
