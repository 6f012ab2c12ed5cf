import {
  CreateSIPDispatchRuleRequest,
  CreateSIPInboundTrunkRequest,
  DeleteSIPDispatchRuleRequest,
  DeleteSIPTrunkRequest,
  type ListUpdate,
  SIPDispatchRuleInfo,
  SIPInboundTrunkInfo,
  SIPMediaConfig,
  SIPMediaEncryption,
  UpdateSIPDispatchRuleRequest,
  UpdateSIPInboundTrunkRequest,
} from '@livekit/protocol';
import type { LiveKitConfiguration } from './livekitApi.ts';

// What LiveKit makes of requests that write, after github.com/livekit/protocol, livekit/sip.go, and the SDK's messages.

type Info = SIPInboundTrunkInfo | SIPDispatchRuleInfo;
type Answer = { readonly status: number; readonly json: object };

/** LiveKit's JSON of a trunk or rule: every field, in the order of their numbers, unset messages as null. */
export function asServed(info: Info): object {
  const json = info.toJson({ emitDefaultValues: true, useProtoFieldName: true });
  const fields = info.getType().fields.byNumber();
  return Object.fromEntries(fields.map(({ name }) => [name, Reflect.get(Object(json), name) ?? null]));
}

/** The same for a configuration as it was recorded. */
export function servedConfiguration({
  inbound_trunks,
  dispatch_rules,
}: Pick<LiveKitConfiguration, 'inbound_trunks' | 'dispatch_rules'>) {
  return {
    inbound_trunks: inbound_trunks.map((json) => asServed(SIPInboundTrunkInfo.fromJson({ ...json }))),
    dispatch_rules: dispatch_rules.map((json) => asServed(SIPDispatchRuleInfo.fromJson({ ...json }))),
  };
}

class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Answers a request that writes; `undefined` for any other. */
export function answerWrite(configuration: LiveKitConfiguration, method: string, body: object): Answer | undefined {
  const write = WRITES[method];
  if (!write) return undefined;
  try {
    return { status: 200, json: asServed(write(configuration, { ...body })) };
  } catch (error) {
    const status = error instanceof Refused ? error.status : 400;
    const code = status === 404 ? 'not_found' : 'invalid_argument';
    return { status, json: { code, msg: error instanceof Error ? error.message : '' } };
  }
}

type Write = (configuration: LiveKitConfiguration, body: Record<string, never>) => Info;

let made = 0;
/** Ids as LiveKit's: never the same again. */
function newId(prefix: string): string {
  made += 1;
  return `${prefix}_made${String(made).padStart(8, '0')}`;
}

const WRITES: Readonly<Record<string, Write>> = {
  CreateSIPInboundTrunk: (configuration, body) => {
    const { trunk } = CreateSIPInboundTrunkRequest.fromJson(body);
    if (!trunk) throw new Refused(400, 'missing trunk');
    if (trunk.sipTrunkId !== '') throw new Refused(400, 'trunk id must not be set');
    trunk.sipTrunkId = newId('ST');
    return put(configuration, valid(trunk));
  },
  CreateSIPDispatchRule: (configuration, body) => {
    const { dispatchRule } = CreateSIPDispatchRuleRequest.fromJson(body);
    if (!dispatchRule?.rule) throw new Refused(400, 'missing rule');
    if (dispatchRule.sipDispatchRuleId !== '') throw new Refused(400, 'rule id must not be set');
    dispatchRule.sipDispatchRuleId = newId('SDR');
    return put(configuration, dispatchRule);
  },
  DeleteSIPTrunk: (configuration, body) => remove(configuration, DeleteSIPTrunkRequest.fromJson(body).sipTrunkId),
  DeleteSIPDispatchRule: (configuration, body) =>
    remove(configuration, DeleteSIPDispatchRuleRequest.fromJson(body).sipDispatchRuleId),
  UpdateSIPInboundTrunk: (configuration, body) => {
    const { sipTrunkId: id, action } = UpdateSIPInboundTrunkRequest.fromJson(body);
    const now = find(configuration, id) as SIPInboundTrunkInfo;
    if (action.case === 'replace') {
      if (!['', id].includes(action.value.sipTrunkId)) throw new Refused(400, 'trunk id in the info must match');
      action.value.sipTrunkId = id;
      return put(configuration, valid(action.value));
    }
    if (action.case !== 'update') throw new Refused(400, 'missing or unsupported update action');
    const { numbers, allowedAddresses, allowedNumbers, ...single } = action.value;
    now.numbers = updated(now.numbers, numbers);
    now.allowedAddresses = updated(now.allowedAddresses, allowedAddresses);
    now.allowedNumbers = updated(now.allowedNumbers, allowedNumbers);
    setSingle(now, { ...single });
    return put(configuration, valid(now));
  },
  UpdateSIPDispatchRule: (configuration, body) => {
    const { sipDispatchRuleId: id, action } = UpdateSIPDispatchRuleRequest.fromJson(body);
    const now = find(configuration, id) as SIPDispatchRuleInfo;
    if (action.case === 'replace') {
      if (!action.value.rule) throw new Refused(400, 'missing rule');
      if (!['', id].includes(action.value.sipDispatchRuleId)) throw new Refused(400, 'rule id in the info must match');
      action.value.sipDispatchRuleId = id;
      return put(configuration, action.value);
    }
    if (action.case !== 'update') throw new Refused(400, 'missing or unsupported update action');
    const { trunkIds, attributes, ...single } = action.value;
    now.trunkIds = updated(now.trunkIds, trunkIds);
    for (const [key, value] of Object.entries(attributes)) now.attributes[key] = value;
    setSingle(now, { ...single });
    return put(configuration, now);
  },
};

/** An update sets the fields that it has. It also brings the older field of the encryption and the newer one together. */
function setSingle(info: Info, fields: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) Reflect.set(info, name, value);
  info.media ??= new SIPMediaConfig();
  info.media.encryption ??= info.mediaEncryption;
  info.mediaEncryption = info.media.encryption ?? SIPMediaEncryption.SIP_MEDIA_ENCRYPT_DISABLE;
}

function updated(list: readonly string[], update: ListUpdate | undefined): string[] {
  if (!update) return [...list];
  const { set, add, remove: gone, clear } = update;
  if (!clear && set.length + add.length + gone.length === 0)
    throw new Refused(400, 'unsupported list update operation');
  if ((clear && set.length + add.length + gone.length > 0) || (set.length > 0 && add.length + gone.length > 0))
    throw new Refused(400, 'cannot set and change the list at the same time');
  if ([...set, ...add, ...gone].includes('')) throw new Refused(400, 'empty element in the list');
  if (clear) return [];
  if (set.length > 0) return [...set];
  const after = [...list];
  for (const entry of gone) if (after.includes(entry)) after.splice(after.indexOf(entry), 1);
  for (const entry of add) if (!after.includes(entry)) after.push(entry);
  return after;
}

function valid(trunk: SIPInboundTrunkInfo): SIPInboundTrunkInfo {
  const { authUsername, authPassword, allowedAddresses, numbers } = trunk;
  if (authUsername || authPassword || allowedAddresses.length > 0 || numbers.length > 0) return trunk;
  throw new Refused(400, 'for security, one of the fields must be set');
}

function find({ inbound_trunks, dispatch_rules }: LiveKitConfiguration, id: string): Info {
  const trunk = inbound_trunks.find((one) => Reflect.get(one, 'sip_trunk_id') === id);
  if (trunk) return SIPInboundTrunkInfo.fromJson({ ...trunk });
  const rule = dispatch_rules.find((one) => Reflect.get(one, 'sip_dispatch_rule_id') === id);
  if (rule) return SIPDispatchRuleInfo.fromJson({ ...rule });
  throw new Refused(404, 'object cannot be found');
}

function put(configuration: LiveKitConfiguration, info: Info): Info {
  made += 1;
  const served = { ...asServed(info), updated_at: new Date(Date.UTC(2026, 0, 1) + made * 1000).toISOString() };
  const isTrunk = info instanceof SIPInboundTrunkInfo;
  const key = isTrunk ? 'sip_trunk_id' : 'sip_dispatch_rule_id';
  const list = isTrunk ? configuration.inbound_trunks : configuration.dispatch_rules;
  const at = list.findIndex((one) => Reflect.get(one, key) === Reflect.get(served, key));
  if (at >= 0) list[at] = served;
  else list.push(served);
  return info;
}

function remove(configuration: LiveKitConfiguration, id: string): Info {
  const info = find(configuration, id);
  const isOther = (one: object) =>
    Reflect.get(one, 'sip_trunk_id') !== id && Reflect.get(one, 'sip_dispatch_rule_id') !== id;
  configuration.inbound_trunks = configuration.inbound_trunks.filter(isOther);
  configuration.dispatch_rules = configuration.dispatch_rules.filter(isOther);
  return info;
}
