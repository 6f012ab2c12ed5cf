import type { DeclaredAuth } from '../../call/callEvent.ts';
import { distanceOf, FAULT } from '../admission.ts';
import { matchDispatch, takesNumbers } from '../match/dispatch.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../snapshot.ts';
import type { CallToTrunks, TrunkChoice, TrunkJudgement } from './judgeDispatch.ts';
import { type DispatchJudgement, dispatchCall, judgeDispatch } from './judgeDispatch.ts';
import type { TrunkIndex } from './trunkIndex.ts';

export type { Verdict } from '../admission.ts';
export type { DispatchJudgement, TrunkJudgement } from './judgeDispatch.ts';

/** How many of the trunks a judgement holds. */
const NEAREST = 10;

/** What is known of a call that LiveKit has to admit. What is not known stays unknown. */
export interface CallToJudge {
  /** User part of the dialled SIP URI. */
  readonly called: string;
  /** User part of the From header; `undefined` when no webhook told. */
  readonly caller: string | undefined;
  /** Addresses the call may have come from: those of the SBCs. Empty when none is configured. */
  readonly sources: readonly string[];
  /** What the application says it dialled with; `undefined` when it says nothing. */
  readonly declaredAuth: DeclaredAuth | undefined;
  readonly strictAddresses: boolean;
}

export type Choice =
  | { readonly kind: 'empty' }
  | { readonly kind: 'none' }
  | { readonly kind: 'matched'; readonly trunk: TrunkJudgement }
  | { readonly kind: 'conflict'; readonly between: readonly [TrunkJudgement, TrunkJudgement] }
  /** It depends on what is not known; `conflict` says whether two trunks would match in the best case. */
  | { readonly kind: 'unknown'; readonly between: readonly [TrunkJudgement, TrunkJudgement] | undefined };

export type AuthJudgement =
  | { readonly kind: 'not_asked' }
  | { readonly kind: 'not_sent' }
  | { readonly kind: 'wrong_username'; readonly sent: string }
  /** Asked for, and nothing says whether they were sent, or whether the password is right. */
  | { readonly kind: 'unknown'; readonly usernameMatches: boolean };

/** LiveKit's matching, carried out on what is known. */
export interface Judgement {
  readonly call: CallToJudge;
  /** The trunks that come nearest to taking the call, the nearest first. */
  readonly trunks: readonly TrunkJudgement[];
  readonly hasNoRules: boolean;
  readonly choice: Choice;
  /** The trunk that matched, or else the one that was most likely meant; `undefined` when there is none. */
  readonly likelyTrunk: TrunkJudgement | undefined;
  /** How many trunks were as likely meant as `meant`. */
  readonly equallyNear: number;
  /** Of the trunk that was meant. */
  readonly auth: AuthJudgement | undefined;
  /** Of the trunk that was meant, with a called number that it takes; `undefined` when there is no trunk. */
  readonly dispatch: DispatchJudgement | undefined;
  /** The wildcard rule that admits the call although no trunk matches; `undefined` when there is none. */
  readonly wildcardBypass: DispatchRule | undefined;
}

/** Carries out LiveKit's trunk and dispatch matching on a call of which some fields may be unknown. */
export function judge(snapshot: Snapshot, call: CallToJudge): Judgement {
  const index = snapshot.trunkIndex;
  // The From header's host is in no webhook.
  const asked: CallToTrunks = { ...call, fromHost: undefined };
  const trunks = index.nearest(asked, NEAREST);
  const choice = choose(index, asked);
  const { likelyTrunk, equallyNear } =
    choice.kind === 'matched'
      ? { likelyTrunk: choice.trunk, equallyNear: 0 }
      : findLikelyTrunk(
          trunks,
          index.neighbours(asked),
          (judged) => hasDispatchRule(snapshot, judged, call),
          ({ trunk }) => wouldRefuse(judgeAuth(trunk, call)),
        );
  return {
    call,
    trunks,
    hasNoRules: snapshot.rules.length === 0,
    choice,
    likelyTrunk,
    equallyNear,
    auth: likelyTrunk && judgeAuth(likelyTrunk.trunk, call),
    dispatch: likelyTrunk && judgeDispatch(snapshot, likelyTrunk, call),
    wildcardBypass: choice.kind === 'none' || choice.kind === 'empty' ? findWildcardBypass(snapshot, call) : undefined,
  };
}

/** LiveKit's own choice, once with every unknown field passing and once with it failing; known where both agree. */
function choose(index: TrunkIndex, asked: CallToTrunks): Choice {
  const best = choiceOf(index.choose(asked, 'pass'));
  const worst = choiceOf(index.choose(asked, 'fail'));
  const same =
    best.kind === worst.kind &&
    (best.kind !== 'matched' || worst.kind !== 'matched' || best.trunk.trunk === worst.trunk.trunk);
  return same ? best : { kind: 'unknown', between: best.kind === 'conflict' ? best.between : undefined };
}

function choiceOf(choice: TrunkChoice): Choice {
  switch (choice.kind) {
    case 'empty':
    case 'none':
      return { kind: choice.kind };
    case 'specific':
    case 'default':
      return { kind: 'matched', trunk: choice.trunk };
    case 'multiple_specific_trunks':
    case 'multiple_default_trunks':
      return { kind: 'conflict', between: choice.between };
  }
}

/**
 * The trunk that was most likely meant by a call that matches none: first by the called number (its own, in another
 * form, any), then one that a dispatch rule leads on from, then the one with the fewest faults, what the call was
 * dialled with among them.
 */
function findLikelyTrunk(
  nearest: readonly TrunkJudgement[],
  neighbours: ReturnType<TrunkIndex['neighbours']>,
  leadsToRule: (judged: TrunkJudgement) => boolean,
  refusesCredentials: (judged: TrunkJudgement) => boolean,
) {
  const [first] = nearest;
  if (!first) return { likelyTrunk: undefined, equallyNear: 0 };
  // Only the called number says which trunk was meant; the rest merely orders the guesses.
  const equallyNear = neighbours.size - 1;
  const near = nearest.slice(0, neighbours.size);
  const distance = (judged: TrunkJudgement) => distanceOf(judged) + (refusesCredentials(judged) ? FAULT : 0);
  const withRule = near.filter(leadsToRule);
  const [favourite] = (withRule.length > 0 ? withRule : near).toSorted((a, b) => distance(a) - distance(b));
  if (withRule.length > 0 || near.length === neighbours.size) return { likelyTrunk: favourite ?? first, equallyNear };
  // None of the nearest is withRule on from by a rule, so the first that is among all of the neighbours is looked for.
  let best: TrunkJudgement | undefined;
  for (const judged of neighbours.judgements()) {
    if ((!best || distance(judged) < distance(best)) && leadsToRule(judged)) best = judged;
  }
  return { likelyTrunk: best ?? favourite ?? first, equallyNear };
}

/** Whether it is known that the trunk refuses what the call was dialled with. */
function wouldRefuse({ kind }: AuthJudgement): boolean {
  return kind === 'not_sent' || kind === 'wrong_username';
}

/** Whether a dispatch rule takes calls on from this trunk. */
function hasDispatchRule(snapshot: Snapshot, judged: TrunkJudgement, call: CallToJudge): boolean {
  return snapshot.rules.length > 0 && judgeDispatch(snapshot, judged, call).kind === 'rule';
}

function judgeAuth(trunk: InboundTrunk, { declaredAuth }: CallToJudge): AuthJudgement {
  if (trunk.auth_username === '' || !trunk.has_password) return { kind: 'not_asked' };
  if (!declaredAuth) return { kind: 'unknown', usernameMatches: false };
  if (!declaredAuth.sent) return { kind: 'not_sent' };
  if (declaredAuth.username !== trunk.auth_username) return { kind: 'wrong_username', sent: declaredAuth.username };
  return { kind: 'unknown', usernameMatches: true };
}

/** The rule that takes a call which no trunk takes. */
function findWildcardBypass({ rules, ruleIndex }: Snapshot, call: CallToJudge): DispatchRule | undefined {
  const asked = dispatchCall(call, call.called);
  // Spares the check for conflicts among all rules where there is nothing to be found.
  if (!ruleIndex.wildcards.some((rule) => takesNumbers(rule, asked))) return undefined;
  const match = matchDispatch(rules, undefined, asked);
  return match.ok ? match.rule : undefined;
}
