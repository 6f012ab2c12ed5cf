import type { RecordedCase } from '../core/replay/replay.ts';
import { dialHook, status } from './jambonzWebhooks.ts';

/**
 * The incident that led to sipwhy, as Jambonz's webhooks. Jambonz answered a carrier's call and dialled LiveKit; the
 * dial ended with 503, and no agent logged anything. A person found the missing credentials. There were three more
 * faults.
 */
export const aLeg = {
  call_sid: 'c1e3b0f0-6d0d-4f5c-9d55-6f1f7d1f0a01',
  direction: 'inbound',
  from: '+4915112345678',
  to: '91874350352',
  call_id: 'b5f7a0a2-77d8-4b0e-9a0a-0d1ff3b7a001',
  sbc_callid: '3f0f9d1e-8f1c-4e52-8f57-6a2b6b1f0001',
  account_sid: 'fc9927d8-dfdf-470b-8321-91292011df97',
  application_sid: 'ebd254b8-8155-4f9e-b1f7-374aafe3dfc1',
};
export const bLeg = {
  ...aLeg,
  call_sid: 'd2a4c7b1-0c1b-4b58-8f0d-5f5a1d2e0b02',
  direction: 'outbound',
  to: 'sip:call-afd968a1ba780364@vocieagentpipelinetest-1z3kctsj.sip.livekit.cloud',
  call_id: 'a9d0c2f4-1f8e-4d75-b0c5-1c2d3e4f0002',
  sbc_callid: undefined,
  parent_call_sid: aLeg.call_sid,
  customer_data: { sipwhy: { auth_username: false } },
};

export const incident: RecordedCase = {
  id: 'the incident that sipwhy began with',
  livekit_url: 'wss://vocieagentpipelinetest-1z3kctsj.livekit.cloud',
  livekit: {
    inbound_trunks: [
      {
        sip_trunk_id: 'ST_GjeZjGQjrsvC',
        name: 'Jambonz Inbound',
        numbers: ['4991874350352'],
        allowed_addresses: ['54.236.168.131'],
        allowed_numbers: ['4991874350352'],
        auth_username: 'livekit_client',
        auth_password: 'set',
      },
    ],
    dispatch_rules: [
      {
        sip_dispatch_rule_id: 'SDR_ZyY3ewVGtwEd',
        rule: { dispatch_rule_individual: { room_prefix: 'call-' } },
        trunk_ids: ['ST_GjeZjGQjrsvC'],
      },
    ],
  },
  webhooks: [
    status(0, aLeg, 100, 'Trying', 'trying'),
    status(40, aLeg, 200, 'OK', 'in-progress'),
    status(160, bLeg, 100, 'Trying', 'trying'),
    status(390, bLeg, 503, 'Service Unavailable', 'failed'),
    dialHook(400, aLeg, { dial_call_status: 'failed', dial_sip_status: 503, dial_call_sid: bLeg.call_sid }),
    status(800, aLeg, 200, 'OK', 'completed'),
  ],
};
