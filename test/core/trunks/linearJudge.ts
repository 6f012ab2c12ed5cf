import { sharedAgentNames } from '../../../src/core/trunks/agents.ts';
import { isAllowedLoose, isAllowedStrict, readEntry } from '../../../src/core/trunks/allowedAddresses.ts';
import type {
  AuthJudgement,
  CallToJudge,
  Choice,
  DispatchJudgement,
  Judgement,
  TrunkJudgement,
  Verdict,
} from '../../../src/core/trunks/judge/judge.ts';
import { twoMatching } from '../../../src/core/trunks/judge/judge.ts';
import { judgeMedia } from '../../../src/core/trunks/judge/judgeMedia.ts';
import { missingTrunks } from '../../../src/core/trunks/judge/missingTrunks.ts';
import { type DispatchMatch, matchDispatch, takesNumbers } from '../../../src/core/trunks/match/dispatch.ts';
import { matchTrunk } from '../../../src/core/trunks/match/match.ts';
import { isListed, likeness } from '../../../src/core/trunks/number.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../../../src/core/trunks/snapshot.ts';
import { rulesInReach } from './rulesInReach.ts';

/**
 * The judgement of a call by going through every trunk: what `judge` has to say, written without an index.
 * `trunks` holds all of them, in the order of nearness.
 */
export function judgeLinearly(snapshot: Snapshot, call: CallToJudge): Judgement {
  const trunks = snapshot.trunks.map((trunk) => judgeTrunk(trunk, call));
  const choice = choose(trunks, call);
  const { likelyTrunk, equallyNear } =
    choice.kind === 'matched' ? { likelyTrunk: choice.trunk, equallyNear: 0 } : nearest(snapshot, trunks, call);
  const unmatched = matchDispatch(rulesInReach(snapshot.rules, undefined), undefined, dispatchCall(call, call.called));
  const wildcardBypass =
    (choice.kind === 'none' || choice.kind === 'empty') && unmatched.ok ? unmatched.rule : undefined;
  const dispatch = likelyTrunk && judgeDispatch(snapshot, likelyTrunk, call);
  const ruleOfTrunk = dispatch?.kind === 'rule' ? dispatch.rule : undefined;
  return {
    call,
    listedCaller: call.caller,
    trunks: trunks
      .map((judged) => ({ judged, rank: nearnessOf(judged) }))
      .sort((a, b) => compareRanks(a.rank, b.rank))
      .map(({ judged }) => judged),
    hasNoRules: snapshot.rules.length === 0,
    sharedAgents: sharedAgentNames(snapshot.rules),
    missingTrunks: likelyTrunk ? missingTrunks(snapshot, likelyTrunk, call) : [],
    choice,
    rulesBetween: twoMatching(choice).map((judged) => {
      const dispatched = judgeDispatch(snapshot, judged, call);
      return dispatched.kind === 'rule' ? dispatched.rule : undefined;
    }),
    likelyTrunk,
    equallyNear,
    auth: likelyTrunk && judgeAuth(likelyTrunk.trunk, call),
    dispatch,
    wildcardBypass,
    media: wildcardBypass
      ? judgeMedia(undefined, wildcardBypass, undefined)
      : likelyTrunk && judgeMedia(likelyTrunk.trunk, ruleOfTrunk, undefined),
  };
}

function judgeTrunk(trunk: InboundTrunk, call: CallToJudge): TrunkJudgement {
  const called = isListed(call.called, trunk.numbers) ? 'pass' : 'fail';
  let alike: TrunkJudgement['alike'];
  if (called === 'fail') {
    for (const number of trunk.numbers) {
      const how = likeness(call.called, number);
      if (how) alike ??= { number, how };
    }
  }
  return { trunk, called, source: judgeSource(trunk, call), caller: judgeCaller(trunk, call), alike };
}

function judgeCaller(trunk: InboundTrunk, call: CallToJudge): Verdict {
  if (trunk.allowed_numbers.length === 0) return 'pass';
  if (call.caller === undefined) return 'unknown';
  return isListed(call.caller, trunk.allowed_numbers) ? 'pass' : 'fail';
}

function judgeSource(trunk: InboundTrunk, call: CallToJudge): Verdict {
  const list = trunk.allowed_addresses;
  const isAllowed = (source: string) =>
    call.strictAddresses ? isAllowedStrict(source, list) : isAllowedLoose(source, '', list);
  // A list that lets a reserved address in lets everybody in: it is empty, or every entry of it is ignored.
  if (list.length === 0 || (!call.strictAddresses && list.every((entry) => readEntry(entry).kind === 'ignored'))) {
    return 'pass';
  }
  if (call.sources.length === 0) return 'unknown';
  const allowed = call.sources.filter(isAllowed).length;
  if (allowed === call.sources.length) return 'pass';
  // The From header's host is in no webhook, so an entry that is a host name may have let the call in.
  const hasHostEntry = !call.strictAddresses && list.some((entry) => readEntry(entry).kind === 'host');
  return allowed === 0 && !hasHostEntry ? 'fail' : 'unknown';
}

/** LiveKit's own choice, once with every unknown field passing and once with it failing; known where both agree. */
function choose(trunks: readonly TrunkJudgement[], call: CallToJudge): Choice {
  if (trunks.length === 0) return { kind: 'empty' };
  const best = chooseAmong(
    trunks.filter((t) => t.source !== 'fail' && t.caller !== 'fail'),
    call,
  );
  const worst = chooseAmong(
    trunks.filter((t) => t.source === 'pass' && t.caller === 'pass'),
    call,
  );
  const same =
    best.kind === worst.kind &&
    (best.kind !== 'matched' || worst.kind !== 'matched' || best.trunk.trunk === worst.trunk.trunk);
  return same ? best : { kind: 'unknown', between: best.kind === 'conflict' ? best.between : undefined };
}

function chooseAmong(admitted: readonly TrunkJudgement[], call: CallToJudge): Choice {
  // Caller and address are decided; only the called number is left to LiveKit's algorithm.
  const byTrunk = new Map<InboundTrunk, TrunkJudgement>();
  for (const judged of admitted) byTrunk.set({ ...judged.trunk, allowed_addresses: [], allowed_numbers: [] }, judged);
  const question = { from_user: call.caller ?? '', from_host: '', to_user: call.called, source_ip: '' };
  const match = matchTrunk([...byTrunk.keys()], question);
  if (!match.ok) {
    const [a, b] = [byTrunk.get(match.between[0]), byTrunk.get(match.between[1])];
    return a && b ? { kind: 'conflict', between: [a, b] } : { kind: 'none' };
  }
  const trunk = match.trunk && byTrunk.get(match.trunk);
  return trunk ? { kind: 'matched', trunk } : { kind: 'none' };
}

/**
 * The trunk that was most likely meant by a call that matches none: first by the called number (its own, in another
 * form, any), then one that a dispatch rule leads on from, then the one with the fewest faults.
 */
function nearest(snapshot: Snapshot, trunks: readonly TrunkJudgement[], call: CallToJudge) {
  const ranked = trunks
    .map((judged) => ({ judged, rank: rankOf(snapshot, judged, call) }))
    .sort((a, b) => compareRanks(a.rank, b.rank));
  const first = ranked[0];
  if (!first) return { likelyTrunk: undefined, equallyNear: 0 };
  // Only the called number says which trunk was meant; the rest of the rank merely orders the guesses.
  const equallyNear = ranked.filter(({ rank }) => rank[0] === first.rank[0]).length - 1;
  return { likelyTrunk: first.judged, equallyNear };
}

function rankOf(snapshot: Snapshot, judged: TrunkJudgement, call: CallToJudge): readonly number[] {
  const [called = 0, ...rest] = nearnessOf(judged);
  return [called, judgeDispatch(snapshot, judged, call).kind === 'rule' ? 0 : 1, ...rest];
}

function nearnessOf(judged: TrunkJudgement): readonly number[] {
  const isDefault = judged.trunk.numbers.length === 0;
  const called = judged.called === 'fail' ? (judged.alike ? 1 : 3) : isDefault ? 2 : 0;
  const faults = [judged.called, judged.source, judged.caller].filter((verdict) => verdict === 'fail').length;
  const unknowns = [judged.source, judged.caller].filter((verdict) => verdict === 'unknown').length;
  return [called, faults, unknowns];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [i, value] of a.entries()) {
    const difference = value - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function judgeAuth(trunk: InboundTrunk, { declaredAuth }: CallToJudge): AuthJudgement {
  if (trunk.auth_username === '' || !trunk.has_password) return { kind: 'not_asked' };
  if (!declaredAuth) return { kind: 'unknown', usernameMatches: false };
  if (!declaredAuth.sent) return { kind: 'not_sent' };
  if (declaredAuth.username !== trunk.auth_username) return { kind: 'wrong_username', sent: declaredAuth.username };
  return { kind: 'unknown', usernameMatches: true };
}

/**
 * The dispatch rule that the call would get behind this trunk, dialled with a number that the trunk takes, in any form,
 * or with the trunk taking the called number as well.
 */
function judgeDispatch(snapshot: Snapshot, judged: TrunkJudgement, call: CallToJudge): DispatchJudgement {
  const trunkId = judged.trunk.sip_trunk_id;
  const inReach = rulesInReach(snapshot.rules, trunkId);
  const listed = inReach.flatMap(({ numbers }) => numbers).filter((number) => isListed(number, judged.trunk.numbers));
  const numbers = judged.called === 'pass' ? [call.called] : [...listed, ...judged.trunk.numbers, call.called];
  let match: DispatchMatch = { ok: false, error: 'no_rule' };
  for (const number of numbers) {
    match = matchDispatch(inReach, trunkId, dispatchCall(call, number));
    if (match.ok) return { kind: 'rule', rule: match.rule };
  }
  if (!match.ok && match.error === 'conflict') return { kind: 'conflict', between: match.between };
  if (snapshot.rules.length === 0) return { kind: 'none', why: 'no_rules', rules: [], count: 0 };
  const nearest = (rules: readonly DispatchRule[]) => ({ rules: rules.slice(0, 10), count: rules.length });
  if (inReach.length === 0) return { kind: 'none', why: 'other_trunk', ...nearest(snapshot.rules) };
  // A caller that is not known cannot be held against a rule's list.
  const open =
    call.caller === undefined &&
    inReach.find((rule) => takesNumbers({ ...rule, inbound_numbers: [] }, { from_user: '', to_user: call.called }));
  if (open) return { kind: 'rule', rule: open };
  return { kind: 'none', why: 'number_mismatch', ...nearest(inReach) };
}

function dispatchCall(call: CallToJudge, called: string) {
  return { from_user: call.caller ?? '', to_user: called, pin: '', no_pin: false };
}
