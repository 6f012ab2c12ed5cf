import type { MatchTrace } from '../api/types.ts';
import { VerdictMark } from './tags.tsx';

/** Further trunks and rules are collapsed. */
const SHOWN = 8;
const ENTRIES_SHOWN = 12;

type Field = MatchTrace['trunks'][number]['fields'][number];
interface Compared {
  readonly id: string;
  readonly what: string;
  readonly name: string;
  readonly verdict: Field['verdict'];
  readonly note: string;
  readonly fields: readonly Field[];
}

/** LiveKit's matching, trunk by trunk and rule by rule, field by field. */
export function Match({ match }: { match: MatchTrace }) {
  const { trunks, auth, dispatch_rules, trunks_left_out, dispatch_rules_left_out } = match;
  return (
    <div class="match">
      <Group
        compared={trunks.map(({ sip_trunk_id, name, verdict, meant, fields }) => ({
          id: sip_trunk_id,
          what: 'Trunk',
          name,
          verdict,
          note: meant && trunks.length > 1 ? 'likely trunk' : '',
          fields: meant && auth ? [...fields, auth] : fields,
        }))}
        leftOut={trunks_left_out}
        none="LiveKit has no inbound trunk."
      />
      <Group
        compared={dispatch_rules.map(({ sip_dispatch_rule_id, name, verdict, chosen, fields }) => ({
          id: sip_dispatch_rule_id,
          what: 'Dispatch rule',
          name,
          verdict,
          note: chosen ? 'chosen' : '',
          fields,
        }))}
        leftOut={dispatch_rules_left_out}
        none="LiveKit has no dispatch rule."
      />
    </div>
  );
}

function Group({ compared, leftOut, none }: { compared: readonly Compared[]; leftOut: number; none: string }) {
  if (compared.length === 0) return <p class="quiet">{none}</p>;
  const rest = compared.slice(SHOWN);
  return (
    <>
      {compared.slice(0, SHOWN).map((one) => (
        <Comparison key={one.id} {...one} />
      ))}
      {rest.length > 0 && (
        <details class="more">
          <summary>{rest.length} more</summary>
          {rest.map((one) => (
            <Comparison key={one.id} {...one} />
          ))}
        </details>
      )}
      {leftOut > 0 && (
        <p class="quiet">And {leftOut.toLocaleString('en-GB')} more that differ further from the call.</p>
      )}
    </>
  );
}

function Comparison({ id, what, name, verdict, note, fields }: Compared) {
  return (
    <table class="trace">
      <caption>
        <VerdictMark verdict={verdict} /> {what} <code>{id}</code> {name && <>“{name}”</>}
        {note && <span class="tag">{note}</span>}
      </caption>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">The call has</th>
          <th scope="col">LiveKit allows</th>
          <th scope="col">Result</th>
        </tr>
      </thead>
      <tbody>
        {fields.map((field) => (
          <tr key={field.field} class={`row-${field.verdict}`}>
            <th scope="row">
              <code>{field.field}</code>
            </th>
            <td data-label="The call has">
              {field.sent ?? <em>{field.verdict === 'unknown' ? 'unknown' : 'none'}</em>}
            </td>
            <td data-label="LiveKit allows">{listed(field.listed, field.listed_left_out)}</td>
            <td data-label="Result">
              <VerdictMark verdict={field.verdict} />
              {field.edit && <div class="edit">Nearest edit: {field.edit}</div>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function listed(entries: readonly string[], leftOut = 0): string {
  if (entries.length === 0) return 'any';
  const left = entries.length + leftOut - ENTRIES_SHOWN;
  const more = left > 0 ? `, and ${left} more` : '';
  return entries.slice(0, ENTRIES_SHOWN).join(', ') + more;
}
