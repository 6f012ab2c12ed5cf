import { wouldConnect } from '../check/check.ts';
import type { CauseId } from '../diagnose/causes.ts';
import type { Site } from '../diagnose/facts/site.ts';
import { weighQuestion } from '../diagnose/question.ts';
import { ruleName, trunkName } from '../fixes/fix.ts';
import { agentNamesOf } from '../trunks/agents.ts';
import { ruleThatAdmits } from '../trunks/judge/judge.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { callersOf, type ExpectedCall } from './expectedFile.ts';
import { dependsOnCaller, UNKNOWN_CALLER, unknownFields } from './unknownFields.ts';

/** Whether one call does what the file expects. Numbers are as in the file. Keys are public. */
export interface ExpectedResult {
  readonly name: string;
  readonly to: string;
  /** `null` if any caller may call. */
  readonly from: string | null;
  readonly ok: boolean;
  readonly expected: readonly string[];
  readonly got: readonly string[];
  /** What refuses the call. */
  readonly causes: readonly CauseId[];
  /** Why the call does not do what the file expects; `null` if it does. */
  readonly why: string | null;
}

/** What a call does, as far as it is known. */
export type Outcome =
  | {
      readonly kind: 'refused';
      readonly causes: readonly { readonly id: CauseId; readonly title: string; readonly fix: string }[];
    }
  | { readonly kind: 'unknown'; readonly open: readonly string[] }
  /** Without a trunk it gets in through a wildcard rule. */
  | { readonly kind: 'connected'; readonly trunk: InboundTrunk | undefined; readonly rule: DispatchRule };

/** Judges every call of the file, one at each step, the callers of a list one by one. */
export function* judgeExpected(
  site: Site,
  snapshot: Snapshot,
  calls: readonly ExpectedCall[],
): Generator<void, readonly ExpectedResult[]> {
  const results: ExpectedResult[] = [];
  for (const call of calls) {
    for (const from of callersOf(call)) {
      results.push(resultOf(call, from, outcomeOf(site, snapshot, call, from)));
      yield;
    }
  }
  return results;
}

/** Matches one call with the rules that explain failed calls. An outcome that rests on a guess is `unknown`. */
export function outcomeOf(
  site: Site,
  snapshot: Snapshot,
  call: Pick<ExpectedCall, 'to' | 'source' | 'auth' | 'srtp'>,
  from: string | undefined,
): Outcome {
  const { to, source, auth, srtp } = call;
  const declared =
    auth === undefined
      ? undefined
      : auth === false
        ? ({ sent: false } as const)
        : ({ sent: true, username: auth } as const);
  const weighed = weighQuestion(site, snapshot, { to, caller: from, source, auth: declared, srtp });
  const { match, blocking } = weighed;
  const causes = blocking.map(({ cause }) => cause);
  // On the wrong host, LiveKit never sees the call.
  if (causes.some(({ stage }) => stage === 'host')) return { kind: 'refused', causes };
  // A fault of the likely trunk stops no call that another trunk may take.
  if (match.choice.kind === 'unknown') return { kind: 'unknown', open: unknownFields(site, call, weighed) };
  const connects = wouldConnect(weighed);
  if (connects !== null && dependsOnCaller(snapshot, weighed)) return { kind: 'unknown', open: [UNKNOWN_CALLER] };
  if (connects === false) return { kind: 'refused', causes };
  const trunk = match.choice.kind === 'matched' ? match.choice.trunk.trunk : undefined;
  const rule = ruleThatAdmits(match);
  if (connects && rule && (trunk || match.wildcardBypass)) return { kind: 'connected', trunk, rule };
  return { kind: 'unknown', open: unknownFields(site, call, weighed) };
}

function resultOf(call: ExpectedCall, from: string | undefined, outcome: Outcome): ExpectedResult {
  const why = faultOf(call.expect, outcome);
  return {
    name: call.name,
    to: call.to,
    from: from ?? null,
    ok: why === undefined,
    expected: expectedLines(call.expect),
    got: gotLines(outcome),
    causes: outcome.kind === 'refused' ? outcome.causes.map(({ id }) => id) : [],
    why: why ?? null,
  };
}

function expectedLines(expect: ExpectedCall['expect']): string[] {
  if (typeof expect === 'string') return [expect];
  return 'refused' in expect
    ? [`refused: ${expect.refused}`]
    : Object.entries(expect).map(([what, value]) => `${what} ${value}`);
}

function gotLines(outcome: Outcome): string[] {
  switch (outcome.kind) {
    case 'refused':
      return outcome.causes.map(({ id, title }) => `refused: ${id}: ${title}`);
    case 'unknown':
      return outcome.open.map((what) => `unknown: ${what}`);
    case 'connected': {
      const { trunk, rule } = outcome;
      return [
        trunk ? `trunk ${trunkName(trunk)}` : 'no trunk (wildcard bypass)',
        `rule ${ruleName(rule)}`,
        ...(rule.room === '' ? [] : [`room_prefix ${rule.room}`]),
        ...agentNamesOf(rule).map((agent) => `agent ${agent}`),
      ];
    }
  }
}

/** Why an outcome is not the expected one; `undefined` if it is. */
function faultOf(expect: ExpectedCall['expect'], outcome: Outcome): string | undefined {
  const mustConnect = expect !== 'refused' && !(typeof expect === 'object' && 'refused' in expect);
  switch (outcome.kind) {
    case 'unknown':
      return `Whether it connects depends on ${outcome.open.join('; ')}.`;
    case 'refused': {
      if (mustConnect) return `It is refused. ${outcome.causes[0]?.fix ?? ''}`.trimEnd();
      if (expect === 'refused' || typeof expect === 'string') return undefined;
      const isAsExpected = 'refused' in expect && outcome.causes.some(({ id }) => id === expect.refused);
      return isAsExpected ? undefined : 'It is refused for another cause.';
    }
    case 'connected':
      if (!mustConnect) return 'It connects.';
      return typeof expect === 'string' ? undefined : differenceOf(expect, outcome);
  }
}

function differenceOf(
  expect: Exclude<ExpectedCall['expect'], string>,
  { trunk, rule }: Extract<Outcome, { kind: 'connected' }>,
): string | undefined {
  if ('refused' in expect) return undefined;
  const isNamed = (wanted: string, ...names: readonly (string | undefined)[]) => names.includes(wanted);
  const differing = [
    expect.trunk !== undefined && !isNamed(expect.trunk, trunk?.sip_trunk_id, trunk?.name) && 'trunk',
    expect.rule !== undefined && !isNamed(expect.rule, rule.sip_dispatch_rule_id, rule.name) && 'rule',
    expect.room_prefix !== undefined && !rule.room.startsWith(expect.room_prefix) && 'room_prefix',
    expect.agent !== undefined && !agentNamesOf(rule).includes(expect.agent) && 'agent',
  ].filter((field) => field !== false);
  return differing.length === 0 ? undefined : `It connects, but differs in ${differing.join(', ')}.`;
}
