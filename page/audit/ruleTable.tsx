import { entries, type Rule, roomOf } from './settings.tsx';
import { type Column, SettingsTable } from './settingsTable.tsx';

const COLUMNS: readonly Column<Rule>[] = [
  { name: 'trunk_ids', of: ({ trunk_ids }) => entries(trunk_ids) },
  { name: 'inbound_numbers', of: ({ inbound_numbers }) => entries(inbound_numbers) },
  { name: 'numbers', of: ({ numbers }) => entries(numbers) },
  { name: 'room', of: roomOf },
  { name: 'pin', of: ({ pin }) => pin },
  { name: 'agents', of: ({ agents }) => entries(agents, 'none by name') },
];

/** Dispatch rules with what they take and where it goes. */
export function RuleTable({ rules }: { rules: readonly Rule[] }) {
  return (
    <SettingsTable
      what="Dispatch rule"
      items={rules}
      naming={({ sip_dispatch_rule_id: id, name }) => ({ id, name })}
      columns={COLUMNS}
    />
  );
}
