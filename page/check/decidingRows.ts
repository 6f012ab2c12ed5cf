import type { Checked, MatchTrace } from '../api/types.ts';
import type { KeyValue } from '../parts/keyValues.tsx';
import { entriesOf } from '../text/words.ts';

type Field = MatchTrace['trunks'][number]['fields'][number];

/** Sets a field under its trunk or rule. */
const INDENT = '\u2003';

/** What decided, in LiveKit's order: host, trunk with its fields, credentials, rule with its fields, media. */
export function decidingRows({ stages, trace }: Checked): KeyValue[] {
  const { trunk, rule } = decidingIn(trace);
  return stages.flatMap(({ stage, verdict, detail }) => {
    const isRefusedBy = stage === 'trunk' && verdict === 'fail' && trunk?.verdict === 'fail';
    const value = isRefusedBy ? `${detail}; nearest: ${trunk.name || trunk.sip_trunk_id}` : detail;
    const decided = stage === 'trunk' ? trunk : stage === 'dispatch' && verdict !== 'pass' ? rule : undefined;
    return [{ name: NAMES[stage], value, verdict }, ...(decided?.fields ?? []).map(fieldRow)];
  });
}

const NAMES = { host: 'Host', trunk: 'Trunk', auth: 'Credentials', dispatch: 'Dispatch rule', media: 'Media' };

/** The trunks and rules that did not decide. */
export function othersIn(trace: MatchTrace): MatchTrace {
  const { trunk, rule } = decidingIn(trace);
  return {
    ...trace,
    trunks: trace.trunks.filter((one) => one !== trunk),
    dispatch_rules: trace.dispatch_rules.filter((one) => one !== rule),
  };
}

/** The likely trunk; the chosen rule, or the nearest one if none took the call. */
function decidingIn({ trunks, dispatch_rules }: MatchTrace) {
  const trunk = trunks.find(({ meant }) => meant);
  const rule =
    dispatch_rules.find(({ chosen }) => chosen) ?? (trunk?.verdict === 'fail' ? undefined : dispatch_rules[0]);
  return { trunk, rule };
}

function fieldRow({ field, verdict, sent, listed, listed_left_out = 0 }: Field): KeyValue {
  const list = entriesOf(listed, listed_left_out);
  if (listed.length === 0) return { name: INDENT + field, value: 'any', verdict };
  if (verdict === 'pass')
    return { name: INDENT + field, value: listed.length === 1 ? listed[0] : `${sent} is in ${list}`, verdict };
  return {
    name: INDENT + field,
    value: verdict === 'fail' ? `${sent ?? 'none'} isn’t in ${list}` : `${sent ?? 'unknown'}, listed ${list}`,
    verdict,
  };
}
