import type { AuditJson } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { Fold } from '../parts/fold.tsx';
import { PageHead } from '../parts/heading.tsx';
import { Loading, ProblemNotice } from '../parts/notices.tsx';
import { address, adjust, query } from '../route.ts';
import { counted } from '../text/words.ts';
import { ExpectedCalls } from './expectedCalls.tsx';
import { Findings } from './findings.tsx';
import { RuleTable } from './ruleTable.tsx';
import { namesIn } from './settings.tsx';
import { TrunkTable } from './trunkTable.tsx';

/** What is wrong with LiveKit's trunks and dispatch rules, before a call fails; what is fine is folded. */
export function Audit() {
  const { data, problem } = useResource<AuditJson>('trunks');
  const sought = query.value.get('q') ?? '';
  return (
    <>
      <PageHead
        title="Trunks and dispatch rules"
        facts={data && severities(data)}
        actions={<Filter sought={sought} />}
      />
      <ProblemNotice problem={problem} what="The trunks could not be read" />
      <ExpectedCalls />
      {data ? <AuditOf audit={data} sought={sought} /> : !problem && <Loading what="trunks" />}
    </>
  );
}

function Filter({ sought }: { sought: string }) {
  return (
    <search>
      <input
        type="search"
        aria-label="Filter"
        placeholder="Filter: name, id, number, address"
        value={sought}
        onInput={({ currentTarget: { value } }) => adjust(address({ view: 'audit', q: value }))}
      />
    </search>
  );
}

function AuditOf({ audit, sought }: { audit: AuditJson; sought: string }) {
  const isFiltered = sought !== '';
  const fits = (item: object) => !isFiltered || JSON.stringify(item).toLowerCase().includes(sought.toLowerCase());
  const findings = audit.findings.filter(fits);
  const trunks = audit.trunks.filter(fits);
  const rules = audit.dispatch_rules.filter(fits);
  const faulty = new Set(audit.findings.flatMap((finding) => finding.trunks));
  const [wrong, fine] = [true, false].map((is) => trunks.filter(({ sip_trunk_id: id }) => faulty.has(id) === is));
  // The last entry of a finding with very many places stands for those that are not listed.
  const isWhole = audit.findings.every(({ trunks, dispatch_rules }) => trunks.length + dispatch_rules.length > 0);
  return (
    <>
      <h2 class="unseen">Findings</h2>
      {findings.length > 0 && <Findings findings={findings} audit={audit} names={namesIn(audit)} />}
      {findings.length === 0 && (
        <p class="none-found">
          <span class="verdict verdict-pass" aria-hidden="true">
            ✓
          </span>{' '}
          {isFiltered ? 'No finding fits the filter' : 'No findings'}
        </p>
      )}
      {audit.errors.map(({ id, message }) => (
        <p key={id} class="notice">
          Could not check for <code>{id}</code>: {message}
        </p>
      ))}
      {fine && fine.length > 0 && (
        <Fold
          summary={isWhole ? `${counted(fine.length, 'trunk')} without findings` : counted(fine.length, 'other trunk')}
        >
          <TrunkTable trunks={fine} rules={audit.dispatch_rules} />
        </Fold>
      )}
      {wrong && wrong.length > 0 && (
        <Fold summary={`${counted(wrong.length, 'trunk')} with findings`}>
          <TrunkTable trunks={wrong} rules={audit.dispatch_rules} />
        </Fold>
      )}
      {rules.length > 0 && (
        <Fold summary={counted(rules.length, 'dispatch rule')}>
          <RuleTable rules={rules} />
        </Fold>
      )}
    </>
  );
}

/** `2 critical, 1 warning · 17 trunks, 9 dispatch rules`. */
function severities({ findings, trunks, dispatch_rules }: AuditJson): string {
  const found = (['critical', 'warning', 'info'] as const).flatMap((severity) => {
    const places = findings.filter((finding) => finding.severity === severity);
    const total = places.reduce((sum, { count }) => sum + count, 0);
    return total > 0 ? [severity === 'warning' ? counted(total, severity) : `${total} ${severity}`] : [];
  });
  const size = `${counted(trunks.length, 'trunk')}, ${counted(dispatch_rules.length, 'dispatch rule')}`;
  return found.length > 0 ? `${found.join(', ')} · ${size}` : size;
}
