import type { AuditJson } from '../api/types.ts';

type Trunk = AuditJson['trunks'][number];
type Rule = AuditJson['dispatch_rules'][number];

const ENTRIES_SHOWN = 40;

export function TrunkCard({ trunk }: { trunk: Trunk }) {
  return (
    <Card id={trunk.sip_trunk_id} name={trunk.name}>
      {[
        ['numbers', listed(trunk.numbers, 'every number that no other trunk lists')],
        ['allowed_addresses', listed(trunk.allowed_addresses, 'every address')],
        ['allowed_numbers', listed(trunk.allowed_numbers, 'every caller')],
        ['auth_username', trunk.auth_username || 'not set'],
        ['auth_password', trunk.auth_password],
      ]}
    </Card>
  );
}

export function RuleCard({ rule }: { rule: Rule }) {
  return (
    <Card id={rule.sip_dispatch_rule_id} name={rule.name}>
      {[
        ['kind', rule.kind ?? 'unknown'],
        [rule.kind === 'direct' ? 'room_name' : 'room_prefix', rule.room || 'none'],
        ['pin', rule.pin],
        ['trunk_ids', listed(rule.trunk_ids, 'every trunk, and calls that no trunk matched')],
        ['numbers', listed(rule.numbers, 'every called number')],
        ['inbound_numbers', listed(rule.inbound_numbers, 'every caller')],
        ['agents', listed(rule.agents, 'none by name: only workers without an agent_name get its calls')],
      ]}
    </Card>
  );
}

function Card({ id, name, children }: { id: string; name: string; children: (readonly [string, string])[] }) {
  return (
    <div class="card" id={`of-${id}`}>
      <h3>
        <code>{id}</code> {name && <>“{name}”</>}
      </h3>
      <dl class="fields">
        {children.map(([field, value]) => (
          <div key={field}>
            <dt>
              <code>{field}</code>
            </dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function listed(values: readonly string[], whenEmpty: string): string {
  if (values.length === 0) return `(${whenEmpty})`;
  const more = values.length > ENTRIES_SHOWN ? ` and ${values.length - ENTRIES_SHOWN} more` : '';
  // White space at the ends is a frequent fault, and invisible without quotes.
  return (
    values
      .slice(0, ENTRIES_SHOWN)
      .map((value) => (value === value.trim() ? value : JSON.stringify(value)))
      .join(', ') + more
  );
}
