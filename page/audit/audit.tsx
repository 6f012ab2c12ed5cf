import { useState } from 'preact/hooks';
import type { AuditJson } from '../api/types.ts';
import { useResource } from '../api/useResource.ts';
import { Heading } from '../parts/heading.tsx';
import { Loading, ProblemNotice } from '../parts/notices.tsx';
import { counted } from '../text/words.ts';
import { Findings } from './findings.tsx';
import { RuleCard, TrunkCard } from './trunkCard.tsx';

/** The search finds the rest; a page of ten thousand trunks helps nobody. */
const SHOWN = 30;

/** LiveKit's trunks and dispatch rules, and their faults, before a call fails. */
export function Audit() {
  const { data, problem } = useResource<AuditJson>('trunks');
  return (
    <>
      <Heading title="Trunks and dispatch rules" />
      <ProblemNotice problem={problem} what="The trunks could not be read" />
      {data ? <AuditOf audit={data} /> : !problem && <Loading what="trunks" />}
    </>
  );
}

function AuditOf({ audit }: { audit: AuditJson }) {
  const [sought, setSought] = useState('');
  const fits = (item: object) => sought === '' || JSON.stringify(item).toLowerCase().includes(sought.toLowerCase());
  const findings = audit.findings.filter(fits);
  const trunks = audit.trunks.filter(fits);
  const rules = audit.dispatch_rules.filter(fits);
  return (
    <>
      <search>
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label>
            Search
            <input
              type="search"
              placeholder="id, name, number, address"
              value={sought}
              onInput={(event) => setSought(event.currentTarget.value)}
            />
          </label>
        </form>
      </search>
      <section aria-labelledby="findings">
        <h2 id="findings">{findings.length === 0 ? 'No findings' : counted(findings.length, 'finding')}</h2>
        <Findings findings={findings} />
        {audit.errors.map(({ id, message }) => (
          <p key={id} class="notice">
            Could not check for <code>{id}</code>: {message}
          </p>
        ))}
      </section>
      <section aria-labelledby="trunks">
        <h2 id="trunks">{counted(trunks.length, 'inbound trunk')}</h2>
        {trunks.slice(0, SHOWN).map((trunk) => (
          <TrunkCard key={trunk.sip_trunk_id} trunk={trunk} />
        ))}
        <More count={trunks.length} />
      </section>
      <section aria-labelledby="rules">
        <h2 id="rules">{counted(rules.length, 'dispatch rule')}</h2>
        {rules.slice(0, SHOWN).map((rule) => (
          <RuleCard key={rule.sip_dispatch_rule_id} rule={rule} />
        ))}
        <More count={rules.length} />
      </section>
    </>
  );
}

function More({ count }: { count: number }) {
  return count > SHOWN ? <p class="quiet">And {count - SHOWN} more. Use the search above to find them.</p> : null;
}
