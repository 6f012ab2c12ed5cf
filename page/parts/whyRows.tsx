import type { Attempt, Evidence, MatchTrace } from '../api/types.ts';
import { entriesOf, SOURCES, sentence } from '../text/words.ts';
import type { KeyValue } from './keyValues.tsx';

type Field = MatchTrace['trunks'][number]['fields'][number];

/** What refused the call and what else is known, the most telling first; and what let it pass. */
export interface Why {
  readonly shown: readonly KeyValue[];
  readonly passes: readonly KeyValue[];
}

/**
 * Why an attempt ended as it did, each fact once: the fields of the trunk and the rule that decided, and the evidence
 * that says more than these do. The final response and the change before the call have places of their own.
 */
export function whyOf({ match, evidence }: Pick<Attempt, 'match' | 'evidence'>, causes?: readonly string[]): Why {
  const deciding = match ? decidingIn(match) : [];
  const fields = deciding.flatMap((one) => one.fields);
  const said = new Set(fields.filter(({ verdict }) => verdict === 'fail').map(({ field }) => field));
  const isSaid = ({ name, source }: Evidence) => source === 'match' && said.has(/^(\w+) of /.exec(name)?.[1] ?? '');
  const more = evidence.filter(
    (piece) =>
      (!causes || causes.includes(piece.cause)) &&
      piece.name !== 'final response' &&
      piece.name !== 'change' &&
      !isSaid(piece),
  );
  const ofTrunks = deciding.map(({ what, name, verdict }): KeyValue => {
    return { name: what, value: name, verdict };
  });
  const refused = fields.filter(({ verdict }) => verdict === 'fail').map(fieldRow);
  const ofMatch = [...ofTrunks.filter(({ verdict }) => verdict !== 'pass'), ...refused];
  // How fast an answer came says less than anything else.
  const ofCall = more.toSorted((a, b) => rank(a) - rank(b)).map(evidenceRow);
  const isOfMatch = evidence.some((piece) => isSaid(piece) && causes?.includes(piece.cause));
  return {
    shown: isOfMatch ? [...ofMatch, ...ofCall] : [...ofCall, ...ofMatch],
    passes: [
      ...ofTrunks.filter(({ verdict }) => verdict === 'pass'),
      ...deciding
        .filter(({ what }) => what === 'Trunk')
        .flatMap((trunk) => trunk.fields.filter(({ verdict }) => verdict !== 'fail').map(fieldRow)),
    ],
  };
}

interface Deciding {
  readonly what: string;
  readonly name: string;
  readonly verdict: Field['verdict'];
  readonly fields: readonly Field[];
}

/** The trunk that was meant, or the trunks that match; and the rule that was chosen, or the nearest one that refused. */
function decidingIn({ trunks, auth, dispatch_rules }: MatchTrace): Deciding[] {
  const passing = trunks.filter(({ verdict }) => verdict === 'pass');
  const meant = passing.length > 1 ? passing.slice(0, 3) : trunks.filter((trunk) => trunk.meant);
  const isAdmitted = meant.some(({ verdict }) => verdict !== 'fail') && auth?.verdict !== 'fail';
  const rule = dispatch_rules.find(({ chosen }) => chosen) ?? (isAdmitted ? dispatch_rules[0] : undefined);
  return [
    ...meant.map(({ sip_trunk_id, name, verdict, fields }): Deciding => {
      const all = auth ? [...fields, auth] : fields;
      const isRefused = all.some((field) => field.verdict === 'fail');
      return { what: 'Trunk', name: name || sip_trunk_id, verdict: isRefused ? 'fail' : verdict, fields: all };
    }),
    ...(rule
      ? [{ ...rule, what: 'Dispatch rule', name: rule.name || rule.sip_dispatch_rule_id } satisfies Deciding]
      : []),
  ];
}

function fieldRow({ field, verdict, sent, listed, listed_left_out = 0 }: Field): KeyValue {
  const entries = entriesOf(listed, listed_left_out);
  const call = sent ?? (verdict === 'unknown' ? 'unknown' : 'none');
  if (verdict === 'fail' && sent === null) return { name: field, value: `none; LiveKit wants ${entries}`, verdict };
  if (verdict === 'fail') return { name: field, value: `${call} isn’t in ${entries}`, verdict };
  if (listed.length === 0) return { name: field, value: 'any', verdict: 'pass' };
  if (verdict === 'unknown') return { name: field, value: `${call}, listed ${entries}`, verdict };
  return { name: field, value: listed.length === 1 ? call : `${call} is in ${entries}`, verdict };
}

function rank({ name }: Evidence): number {
  return name.startsWith('time ') ? 1 : 0;
}

function evidenceRow({ name, value, source }: Evidence): KeyValue {
  return {
    name: sentence(name),
    value: (
      <>
        {value} {source !== 'neighbours' && <span class="source">{SOURCES[source] ?? source}</span>}
      </>
    ),
  };
}
