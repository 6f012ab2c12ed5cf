import type { AuditJson } from '../api/types.ts';
import { WholeFix } from '../parts/fixCard.tsx';
import { Fold } from '../parts/fold.tsx';
import { type KeyValue, KeyValues } from '../parts/keyValues.tsx';
import { IdTag } from '../parts/tags.tsx';
import type { Finding } from './findings.tsx';
import { ruleRows, trunkRows } from './settings.tsx';

const SETTINGS_SHOWN = 3;

/** What a finding opens to: what it means, the fix, and beside it the settings that it is about. */
export function FindingDetail({ finding, audit, isIntroduced = false }: FindingDetailProps) {
  const { fixes, fix } = finding;
  const [first, ...others] = fixes;
  return (
    <>
      {isIntroduced && <Meaning finding={finding} />}
      <div class="columns">
        <div class="main-column">
          <div class="card">
            {first ? <WholeFix fix={first} /> : <h3>{fix}</h3>}
            {others.length > 0 && (
              <Fold summary={others.length === 1 ? 'Another way' : `${others.length} other ways`}>
                {others.map((other) => (
                  <WholeFix key={other.action} fix={other} />
                ))}
              </Fold>
            )}
          </div>
        </div>
        <div class="side-column">
          {settingsOf(finding, audit).map(({ id, name, rows }) => (
            <div key={id} class="card">
              <h3>
                {name || id} {name && <code class="quiet">{id}</code>}
              </h3>
              <KeyValues rows={rows} />
            </div>
          ))}
        </div>
      </div>
    </>
  );
}

interface FindingDetailProps {
  readonly finding: Finding;
  readonly audit: AuditJson;
  /** Whether its meaning is told here, not once above several. */
  readonly isIntroduced?: boolean;
}

/** What a finding means, its id and its runbook. */
export function Meaning({ finding: { id, why } }: { finding: Finding }) {
  return (
    <p class="meaning-line">
      {why}{' '}
      <span class="tags">
        <IdTag id={id} /> <a href={`runbooks/${id}`}>Runbook</a>
      </span>
    </p>
  );
}

function settingsOf({ trunks, dispatch_rules }: Finding, audit: AuditJson) {
  const shown: { id: string; name: string; rows: KeyValue[] }[] = [];
  for (const trunk of audit.trunks) {
    if (trunks.includes(trunk.sip_trunk_id))
      shown.push({ id: trunk.sip_trunk_id, name: trunk.name, rows: trunkRows(trunk) });
  }
  for (const rule of audit.dispatch_rules) {
    if (dispatch_rules.includes(rule.sip_dispatch_rule_id))
      shown.push({ id: rule.sip_dispatch_rule_id, name: rule.name, rows: ruleRows(rule) });
  }
  return shown.slice(0, SETTINGS_SHOWN);
}
