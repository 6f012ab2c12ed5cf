import { ruleName } from '../fixes/fix.ts';
import {
  type CallToJudge,
  type Judgement,
  ruleThatAdmits,
  type TrunkJudgement,
  type Verdict,
} from '../trunks/judge/judge.ts';
import { dispatchPriority } from '../trunks/match/dispatch.ts';
import { isPerCallId, likeness, type NumberLikeness, normaliseNumber } from '../trunks/number.ts';
import { isCarried } from '../trunks/numberEntry.ts';
import type { DispatchRule, Snapshot } from '../trunks/snapshot.ts';

/** One field of a trunk or rule, compared with the call. */
export interface FieldTrace {
  readonly field: string;
  readonly verdict: Verdict;
  /** The call's value; `null` if unknown. */
  readonly sent: string | null;
  readonly listed: readonly string[];
  /** How many more entries the list has, if it is long. */
  readonly listed_left_out?: number;
  /** The nearest edit that would admit the call, where the field refuses it. */
  readonly edit?: string;
}

/** How LiveKit's matching came to its answer, trunk by trunk and rule by rule. */
export interface MatchTrace {
  /** The nearest first. `meant` marks the trunk that LiveKit chose, or else the likely trunk. */
  readonly trunks: readonly {
    readonly sip_trunk_id: string;
    readonly name: string;
    readonly verdict: Verdict;
    readonly meant: boolean;
    readonly fields: readonly FieldTrace[];
  }[];
  /** How many trunks are not shown. */
  readonly trunks_left_out: number;
  /** The credentials that the likely trunk requires; `null` if it requires none, or if there is no likely trunk. */
  readonly auth: FieldTrace | null;
  readonly dispatch_rules: readonly {
    readonly sip_dispatch_rule_id: string;
    readonly name: string;
    readonly verdict: Verdict;
    readonly chosen: boolean;
    /** LiveKit's sorting priority; lower wins. */
    readonly priority: number;
    readonly fields: readonly FieldTrace[];
  }[];
  /** How many rules are not shown. */
  readonly dispatch_rules_left_out: number;
}

/** How many rules are traced: those in reach of the trunk first. */
const RULES_SHOWN = 20;

/** How many entries of a list are shown. */
const ENTRIES_SHOWN = 20;

/** How two forms of one number differ, in words. */
export const LIKENESS_WORDS: Record<NumberLikeness, string> = {
  international_prefix: '00 instead of +',
  country_code_missing: 'the country code is missing',
  national_zero: 'a national 0 instead of the country code',
  white_space: 'white space',
};

/** Traces a match against the configuration that it was made by. */
export function traceMatch(match: Judgement, { trunks, rules, ruleIndex }: Snapshot): MatchTrace {
  const trunkId = match.likelyTrunk?.trunk.sip_trunk_id;
  const chosen = ruleThatAdmits(match);
  const inReach = trunkId === undefined ? [] : ruleIndex.inReachOf(trunkId).take(RULES_SHOWN);
  // A set keeps the order in which its entries came, and the rest follows only as far as there is room.
  const shown = [...new Set([...(chosen ? [chosen] : []), ...inReach, ...rules.slice(0, RULES_SHOWN)])].slice(
    0,
    RULES_SHOWN,
  );
  return {
    trunks: match.trunks.map((judged) => {
      const fields = trunkFields(judged, match.call);
      const { sip_trunk_id, name } = judged.trunk;
      return { sip_trunk_id, name, verdict: worst(fields), meant: sip_trunk_id === trunkId, fields };
    }),
    trunks_left_out: trunks.length - match.trunks.length,
    auth: authField(match),
    dispatch_rules: shown.map((rule) => {
      const fields = ruleFields(rule, trunkId, match);
      return {
        sip_dispatch_rule_id: rule.sip_dispatch_rule_id,
        name: rule.name,
        verdict: worst(fields),
        chosen: rule === chosen,
        priority: dispatchPriority(rule),
        fields,
      };
    }),
    dispatch_rules_left_out: rules.length - shown.length,
  };
}

/** A password can't be compared, so the right username alone leaves the verdict open. */
function authField({ auth, likelyTrunk, call }: Judgement): FieldTrace | null {
  if (!auth || !likelyTrunk || auth.kind === 'not_asked') return null;
  const username = likelyTrunk.trunk.auth_username;
  const sent = call.declaredAuth?.sent ? call.declaredAuth.username : null;
  const edit =
    sent === null ? `send the username ${username} with its password` : `send ${username} instead of ${sent}`;
  return traced('auth_username', auth.kind === 'unknown' ? 'unknown' : 'fail', { sent, listed: [username] }, edit);
}

// In LiveKit's order: caller, source address, called number.
function trunkFields({ trunk, caller, source, called, alike }: TrunkJudgement, call: CallToJudge): FieldTrace[] {
  const sources = call.sources.length > 0 ? call.sources.join(', ') : null;
  const from = call.caller ?? null;
  return [
    traced('allowed_numbers', caller, { sent: from, listed: trunk.allowed_numbers }, from && `add ${from}`),
    traced(
      'allowed_addresses',
      source,
      { sent: sources, listed: trunk.allowed_addresses },
      sources && `add ${sources}`,
    ),
    traced(
      'numbers',
      called,
      { sent: call.called, listed: trunk.numbers },
      alike
        ? `dial ${alike.number}: ${LIKENESS_WORDS[alike.how]}`
        : dialOrAdd(trunk.numbers.find(isCarried), call.called),
    ),
  ];
}

/** `own` is a number of the trunk; `undefined` if it lists none that a call carries. */
function dialOrAdd(own: string | undefined, called: string): string {
  if (own !== undefined && isPerCallId(called)) return `dial ${own}`;
  return own === undefined ? `add ${called}` : `dial ${own}, or add ${called}`;
}

function ruleFields(rule: DispatchRule, trunkId: string | undefined, { call, listedCaller }: Judgement): FieldTrace[] {
  const isInReach = rule.trunk_ids.length === 0 || (trunkId !== undefined && rule.trunk_ids.includes(trunkId));
  return [
    traced(
      'trunk_ids',
      isInReach ? 'pass' : 'fail',
      { sent: trunkId ?? null, listed: rule.trunk_ids },
      trunkId ? `add ${trunkId}` : null,
    ),
    exact(rule, 'inbound_numbers', { sent: call.caller, compared: listedCaller }),
    exact(rule, 'numbers', { sent: call.called, compared: call.called }),
  ];
}

/** Numbers of a rule are compared as written. */
function exact(
  rule: DispatchRule,
  field: 'inbound_numbers' | 'numbers',
  { sent, compared }: { readonly sent: string | undefined; readonly compared: string | undefined },
): FieldTrace {
  const listed = rule[field];
  if (listed.length === 0) return traced(field, 'pass', { sent: sent ?? null, listed });
  if (sent === undefined || compared === undefined) return traced(field, 'unknown', { sent: null, listed });
  if (listed.includes(compared)) return traced(field, 'pass', { sent, listed });
  const same = listed.find((entry) => normaliseNumber(entry) === normaliseNumber(compared));
  const alike = listed.find((entry) => likeness(entry, compared) !== undefined);
  const edit = same
    ? `replace ${same} with ${sent} in ${ruleName(rule)}: numbers are compared exactly as written`
    : alike
      ? `${alike} is the same number in another format; add ${sent}`
      : `add ${sent}`;
  return traced(field, 'fail', { sent, listed }, edit);
}

/** One field of a trunk or rule. `edit` is what would make it pass. */
function traced(
  field: string,
  verdict: Verdict,
  { sent, listed }: Pick<FieldTrace, 'sent' | 'listed'>,
  edit: string | null = null,
): FieldTrace {
  const more = listed.length - ENTRIES_SHOWN;
  const shown = more > 0 ? { listed: listed.slice(0, ENTRIES_SHOWN), listed_left_out: more } : { listed };
  return { field, verdict, sent, ...shown, ...(verdict === 'fail' && edit !== null && { edit }) };
}

function worst(fields: readonly FieldTrace[]): Verdict {
  if (fields.some(({ verdict }) => verdict === 'fail')) return 'fail';
  return fields.some(({ verdict }) => verdict === 'unknown') ? 'unknown' : 'pass';
}
