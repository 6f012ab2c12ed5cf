import { SIPDispatchRuleInfo, SIPInboundTrunkInfo } from '@livekit/protocol';
import { stringify } from 'yaml';
import type { Random } from '../../oracle/random.ts';
import { faultyAttempt } from '../faulty.ts';
import { admittedAttempt } from '../generatedAttempts.ts';
import type { Configuration } from '../generatedLivekit.ts';
import { asLkPrints } from '../generatedMedia.ts';
import { newWorld } from '../world.ts';
import { type KindCase, kindCase } from './kindCase.ts';
import { nameAgents } from './namedAgents.ts';

// The same trunks and rules as people have them: from the API, from lk, from an SDK, or as YAML. The answer must not change.

export function writtenForm(random: Random): KindCase {
  const world = newWorld(random);
  nameAgents(random, world.rule);
  const made = random.chance(0.4) ? admittedAttempt(world, random.chance(0.5)) : faultyAttempt(world);
  const { configuration } = world;
  const { inbound_trunks, dispatch_rules } = structuredClone(configuration);
  const { call, ...rest } = kindCase(world, made, {
    configuration: { inbound_trunks, dispatch_rules },
    isPrompt: true,
  });
  const form = formOf(random, { inbound_trunks, dispatch_rules });
  if (!random.chance(0.3)) return { ...rest, call: { ...call, livekit: form }, twin: call };
  const { livekit, ...bare } = call;
  // People write numbers without quotes.
  const yaml = stringify(form, { aliasDuplicateObjects: false }).replace(/"(\+?\d+)"/g, (quoted, digits: string) =>
    random.chance(0.7) ? digits : quoted,
  );
  return { ...rest, call: bare, yaml, twin: call };
}

function formOf(random: Random, configuration: Configuration): Record<string, unknown> {
  const [trunks, rules] = [
    listed(random, configuration.inbound_trunks, TRUNK),
    listed(random, configuration.dispatch_rules, RULE),
  ];
  const [ofTrunks, ofRules] = random.chance(0.2)
    ? ['inboundTrunks', 'dispatchRules']
    : ['inbound_trunks', 'dispatch_rules'];
  return { [ofTrunks ?? '']: trunks, [ofRules ?? '']: rules };
}

interface Message {
  readonly fromJson: (json: never) => { toJson: (options?: object) => unknown };
}
const TRUNK: Message = SIPInboundTrunkInfo;
const RULE: Message = SIPDispatchRuleInfo;

function listed(random: Random, list: readonly object[], message: Message): unknown {
  const sdk = (one: object) => message.fromJson(plain(one) as never);
  const form = random.pick<(one: object) => unknown>([
    (one) => one,
    (one) => asLkPrints(one),
    (one) => asLkPrints(one),
    (one) => plain(sdk(one)),
    // The fields of the SDK's object, with numbers for enums.
    (one) => plain({ ...sdk(one) }),
    (one) => sdk(one).toJson({ emitDefaultValues: true }),
    (one) => sdk(one).toJson({ emitDefaultValues: true, useProtoFieldName: true }),
  ]);
  const written = list.map(form);
  return random.chance(0.5) ? { items: written } : written;
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
