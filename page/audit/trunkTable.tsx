import { authOf, entries, type Rule, type Trunk } from './settings.tsx';
import { type Column, SettingsTable } from './settingsTable.tsx';

/** Trunks with what admits a call, and the rules and agents that take it. */
export function TrunkTable({ trunks, rules }: { trunks: readonly Trunk[]; rules: readonly Rule[] }) {
  const rulesOf = bindings(rules);
  const agentsOf = (id: string) => [...new Set(rulesOf(id).flatMap(({ agents }) => agents))];
  const columns: Column<Trunk>[] = [
    { name: 'numbers', of: (trunk) => entries(trunk.numbers) },
    { name: 'allowed_addresses', of: (trunk) => entries(trunk.allowed_addresses) },
    { name: 'allowed_numbers', of: (trunk) => entries(trunk.allowed_numbers) },
    { name: 'auth', of: authOf },
    {
      name: 'dispatch rules',
      of: ({ sip_trunk_id }) =>
        entries(
          rulesOf(sip_trunk_id).map((rule) => rule.name || rule.sip_dispatch_rule_id),
          'none',
        ),
    },
    { name: 'agents', of: ({ sip_trunk_id }) => entries(agentsOf(sip_trunk_id), 'none by name') },
  ];
  return (
    <SettingsTable
      what="Trunk"
      items={trunks}
      naming={({ sip_trunk_id: id, name }) => ({ id, name })}
      columns={columns}
    />
  );
}

/** The rules of each trunk; one without trunk_ids belongs to all. */
function bindings(rules: readonly Rule[]): (trunkId: string) => readonly Rule[] {
  const ofAll = rules.filter(({ trunk_ids }) => trunk_ids.length === 0);
  const bound = new Map<string, Rule[]>();
  for (const rule of rules) {
    for (const id of new Set(rule.trunk_ids)) bound.set(id, [...(bound.get(id) ?? []), rule]);
  }
  return (id) => [...(bound.get(id) ?? []), ...ofAll];
}
