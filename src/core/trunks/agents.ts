import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { DispatchRule } from './snapshot.ts';

const roomConfig = Compile(
  Type.Object({ agents: Type.Array(Type.Object({ agent_name: Type.Optional(Type.String()) })) }),
);

/**
 * The names of the agents that a dispatch rule dispatches. Without any, LiveKit offers the call only to workers that run
 * without an agent_name.
 */
export function agentNamesOf({ rest: { room_config: config } }: DispatchRule): readonly string[] {
  if (!roomConfig.Check(config)) return [];
  return config.agents.flatMap(({ agent_name: name }) => (name ? [name] : []));
}

const shared = new WeakMap<readonly DispatchRule[], readonly string[]>();

/** The names of the agents that every one of the rules dispatches; empty if they dispatch different ones, or none. */
export function sharedAgentNames(rules: readonly DispatchRule[]): readonly string[] {
  const known = shared.get(rules);
  if (known) return known;
  const [first, ...others] = rules.map((rule) => [...new Set(agentNamesOf(rule))].sort());
  const key = JSON.stringify(first);
  const names = first && others.every((other) => JSON.stringify(other) === key) ? first : [];
  shared.set(rules, names);
  return names;
}
