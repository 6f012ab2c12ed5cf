import assert from 'node:assert/strict';
import { MADE, sentBy, type Words } from './runCommands.ts';

// What LiveKit makes of requests, written after github.com/livekit/protocol and livekit-cli, and apart from sipwhy's own
// copy of a configuration.

type Fields = Record<string, unknown>;

/** LiveKit's configuration in the API's own JSON. */
export interface Configuration {
  readonly inbound_trunks: readonly Fields[];
  readonly dispatch_rules: readonly Fields[];
}

/** The configuration after commands of lk and curl. */
export function afterCommands(before: Configuration, commands: readonly Words[]): Configuration {
  return commands.map(requestOf).reduce(answer, before);
}

interface Request {
  readonly method: string;
  readonly body: Fields;
}

function requestOf(words: Words): Request {
  return words[0] === 'curl' ? sentBy(words) : lkRequest(words.slice(1));
}

/** lk's flags and arguments as the request that it sends. */
function lkRequest([sip, what = '', verb = '', ...words]: readonly string[]): Request {
  assert.equal(sip, 'sip');
  const flags = new Map<string, string[]>();
  const args: string[] = [];
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--no-default-codecs') flags.set(word, []);
    else if (word.startsWith('--')) {
      // urfave/cli splits a list's values at commas.
      const values = (left.shift() ?? '').split(',').map((value) => value.trim());
      flags.set(word, [...(flags.get(word) ?? []), ...values]);
    } else args.push(word);
  }
  const [id] = flags.get('--id') ?? [];
  const key = what === 'inbound' ? 'sip_trunk_id' : 'sip_dispatch_rule_id';
  const name = what === 'inbound' ? 'InboundTrunk' : 'DispatchRule';
  const [argument = ''] = args;
  if (verb === 'delete') {
    return { method: what === 'inbound' ? 'DeleteSIPTrunk' : 'DeleteSIPDispatchRule', body: { [key]: argument } };
  }
  if (verb === 'create') return { method: `CreateSIP${name}`, body: JSON.parse(argument) };
  assert.ok(id, 'lk sip … update needs --id');
  const method = `UpdateSIP${name}`;
  if (args.length > 0) return { method, body: { [key]: id, replace: JSON.parse(argument) } };
  const update: Fields = {};
  for (const [flag, field] of [
    ['--numbers', 'numbers'],
    ['--trunks', 'trunk_ids'],
  ] as const) {
    const values = flags.get(flag);
    if (values) update[field] = { set: values };
  }
  const [encryption] = flags.get('--media-enc') ?? [];
  const codecs = flags.get('--codecs')?.map((codec) => {
    const [codecName, rate] = codec.split('/');
    return { name: codecName, ...(rate !== undefined && { rate: Number(rate) }) };
  });
  if (encryption !== undefined || codecs) {
    update.media = {
      ...(encryption !== undefined && { encryption: `SIP_MEDIA_ENCRYPT_${encryption.toUpperCase()}` }),
      ...(codecs && { codecs, only_listed_codecs: flags.has('--no-default-codecs') }),
    };
  }
  return { method, body: { [key]: id, update } };
}

function answer({ inbound_trunks, dispatch_rules }: Configuration, { method, body }: Request): Configuration {
  const isTrunk = (trunk: Fields) => trunk.sip_trunk_id === body.sip_trunk_id;
  const isRule = (rule: Fields) => rule.sip_dispatch_rule_id === body.sip_dispatch_rule_id;
  const one = (list: readonly Fields[], is: (entry: Fields) => boolean) => {
    assert.equal(list.filter(is).length, 1, `${method} of one that is there`);
    return list;
  };
  switch (method) {
    case 'CreateSIPInboundTrunk':
      return { dispatch_rules, inbound_trunks: [...inbound_trunks, { ...Object(body.trunk), sip_trunk_id: MADE }] };
    case 'CreateSIPDispatchRule': {
      const made = { ...Object(body.dispatch_rule), sip_dispatch_rule_id: 'SDR_made' };
      return { inbound_trunks, dispatch_rules: [...dispatch_rules, made] };
    }
    case 'DeleteSIPTrunk':
      return { dispatch_rules, inbound_trunks: one(inbound_trunks, isTrunk).filter((trunk) => !isTrunk(trunk)) };
    case 'DeleteSIPDispatchRule':
      return { inbound_trunks, dispatch_rules: one(dispatch_rules, isRule).filter((rule) => !isRule(rule)) };
    case 'UpdateSIPInboundTrunk':
      assert.ok(!body.replace, 'a replaced trunk would lose its password');
      return {
        dispatch_rules,
        inbound_trunks: one(inbound_trunks, isTrunk).map((trunk) => (isTrunk(trunk) ? updated(trunk, body) : trunk)),
      };
    case 'UpdateSIPDispatchRule':
      return {
        inbound_trunks,
        dispatch_rules: one(dispatch_rules, isRule).map((rule) => {
          if (!isRule(rule)) return rule;
          return body.replace ? replaced(rule, Object(body.replace)) : updated(rule, body);
        }),
      };
    default:
      assert.fail(`no method ${method}`);
  }
}

function updated(owner: Fields, { update }: Fields): Fields {
  const changed = { ...owner };
  for (const [field, change] of Object.entries(Object(update))) {
    if (field === 'media') {
      changed.media = change;
      changed.media_encryption = Object(change).encryption ?? null;
    } else changed[field] = typeof change === 'string' ? change : listAfter(owner[field], Object(change));
  }
  return changed;
}

interface ListUpdate {
  readonly set?: readonly string[];
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

function listAfter(list: unknown, { set = [], add = [], remove = [] }: ListUpdate): string[] {
  assert.ok(set.length + add.length + remove.length > 0, 'LiveKit refuses an update that changes nothing');
  if (set.length > 0) {
    assert.equal(add.length + remove.length, 0);
    return [...set];
  }
  const changed: string[] = Array.isArray(list) ? [...list] : [];
  for (const entry of remove) {
    const at = changed.indexOf(entry);
    if (at >= 0) changed.splice(at, 1);
  }
  for (const entry of add) if (!changed.includes(entry)) changed.push(entry);
  return changed;
}

/** A replaced rule, its pin and other placeholders filled in by the person who sends it. */
function replaced(before: Fields, replacement: Fields): Fields {
  return { ...filledIn(replacement, before), sip_dispatch_rule_id: before.sip_dispatch_rule_id };
}

function filledIn(given: Fields, known: Fields): Fields {
  const entries = Object.entries(given).map(([key, value]) => {
    if (typeof value === 'string' && value.startsWith('<')) return [key, known[key]];
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return [key, isObject ? filledIn(Object(value), Object(known[key])) : value];
  });
  return Object.fromEntries(entries);
}
