import type { DeclaredAuth } from '../../call/callEvent.ts';
import { distanceOf, FAULT } from '../admission.ts';
import { sharedAgentNames } from '../agents.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../snapshot.ts';
import type { CallToTrunks, TrunkChoice, TrunkJudgement } from './judgeDispatch.ts';
import { type DispatchJudgement, judgeDispatch } from './judgeDispatch.ts';
import { judgeMedia, type MediaJudgement } from './judgeMedia.ts';
import { listedCaller } from './listedCaller.ts';
import { type MissingTrunk, missingTrunks } from './missingTrunks.ts';
import type { TrunkIndex } from './trunkIndex.ts';

export type { Verdict } from '../admission.ts';
export type { DispatchJudgement, TrunkJudgement } from './judgeDispatch.ts';
export type { MediaJudgement, MediaOwner } from './judgeMedia.ts';

/** How many trunks a judgement contains. */
export const NEAREST = 10;
/** How many trunks that the called number fits equally well are searched for one that leads to a dispatch rule. */
const SEARCHED = 1_000;

/** What is known about a call that LiveKit must admit. Unknown fields stay unknown. */
export interface CallToJudge {
  /** User part of the dialled SIP URI. */
  readonly called: string;
  /** User part of the From header, or its hash; `undefined` if no webhook contains it. */
  readonly caller: string | undefined;
  /** The key of a hashed caller. */
  readonly hashKey?: string | undefined;
  /** The addresses that the call may have come from: those of the SBCs. Empty if none is configured. */
  readonly sources: readonly string[];
  /** The credentials that the application declares; `undefined` if it declares none. */
  readonly declaredAuth: DeclaredAuth | undefined;
  readonly strictAddresses: boolean;
  /** Whether it offers SRTP; absent if unknown. No webhook says so. */
  readonly offersSrtp?: boolean | undefined;
}

export type Choice =
  | { readonly kind: 'empty' }
  | { readonly kind: 'none' }
  | { readonly kind: 'matched'; readonly trunk: TrunkJudgement }
  | { readonly kind: 'conflict'; readonly between: readonly [TrunkJudgement, TrunkJudgement] }
  /** It depends on unknown fields. `between` are two trunks that both match if all unknown fields pass, if there are any. */
  | { readonly kind: 'unknown'; readonly between: readonly [TrunkJudgement, TrunkJudgement] | undefined };

export type AuthJudgement =
  | { readonly kind: 'not_asked' }
  | { readonly kind: 'not_sent' }
  | { readonly kind: 'wrong_username'; readonly sent: string }
  /** Required, and it is not known whether they were sent, or whether the password is right. */
  | { readonly kind: 'unknown'; readonly usernameMatches: boolean };

/** The result of LiveKit's matching on what is known about a call. */
export interface Judgement {
  readonly call: CallToJudge;
  /** The caller to compare with lists of callers, never to show; see `listedCaller`. */
  readonly listedCaller: string | undefined;
  /** The trunks nearest to admitting the call, the nearest first. */
  readonly trunks: readonly TrunkJudgement[];
  readonly hasNoRules: boolean;
  /** The agents that every dispatch rule names; empty if they name different ones, or none. */
  readonly sharedAgents: readonly string[];
  /** The first trunks that rules name and that don't exist; empty without a likely trunk. */
  readonly missingTrunks: readonly MissingTrunk[];
  readonly choice: Choice;
  /** The rule that would take the call from each of the two trunks that match; empty if there aren't two. */
  readonly rulesBetween: readonly (DispatchRule | undefined)[];
  /** The trunk that matched, or else the one that the call was most likely meant for; `undefined` if there are no trunks. */
  readonly likelyTrunk: TrunkJudgement | undefined;
  /** How many other trunks are as likely as `likelyTrunk`. */
  readonly equallyNear: number;
  /** The authentication of the likely trunk; `undefined` if there is none. */
  readonly auth: AuthJudgement | undefined;
  /** The dispatch behind the likely trunk, with a called number that it accepts; `undefined` if there is no trunk. */
  readonly dispatch: DispatchJudgement | undefined;
  /** The wildcard rule that admits the call although no trunk matches; `undefined` if there is none. */
  readonly wildcardBypass: DispatchRule | undefined;
  /** Of the likely trunk with its rule, or of the wildcard rule alone; `undefined` if there is neither. */
  readonly media: MediaJudgement | undefined;
}

/** Runs LiveKit's trunk and dispatch matching on a call, some of whose fields may be unknown. */
export function judge(snapshot: Snapshot, call: CallToJudge): Judgement {
  const index = snapshot.trunkIndex;
  const caller = listedCaller(snapshot, call);
  // No webhook contains the host of the From header.
  const asked = { ...call, caller, fromHost: undefined };
  const trunks = index.nearest(asked, NEAREST);
  const choice = choose(index, asked);
  const { likelyTrunk, equallyNear } =
    choice.kind === 'matched'
      ? { likelyTrunk: choice.trunk, equallyNear: 0 }
      : findLikelyTrunk(snapshot, trunks, asked);
  const dispatch = likelyTrunk && judgeDispatch(snapshot, likelyTrunk, asked);
  const wildcardBypass =
    choice.kind === 'none' || choice.kind === 'empty' ? findWildcardBypass(snapshot, asked) : undefined;
  return {
    call,
    listedCaller: caller,
    trunks,
    hasNoRules: snapshot.rules.length === 0,
    // Few calls need them, and they cost a pass over all rules.
    get sharedAgents() {
      return sharedAgentNames(snapshot.rules);
    },
    get missingTrunks() {
      return likelyTrunk ? missingTrunks(snapshot, likelyTrunk, asked) : [];
    },
    choice,
    get rulesBetween() {
      return twoMatching(choice).map((judged) => {
        const dispatched = judgeDispatch(snapshot, judged, asked);
        return dispatched.kind === 'rule' ? dispatched.rule : undefined;
      });
    },
    likelyTrunk,
    equallyNear,
    auth: likelyTrunk && judgeAuth(likelyTrunk.trunk, call),
    dispatch,
    wildcardBypass,
    media: mediaFor(likelyTrunk?.trunk, dispatch, wildcardBypass, call),
  };
}

/** The two trunks that match, or that match if all unknown fields pass; empty if there aren't two. */
export function twoMatching(choice: Choice): readonly TrunkJudgement[] {
  return choice.kind === 'conflict' || choice.kind === 'unknown' ? (choice.between ?? []) : [];
}

function mediaFor(
  trunk: InboundTrunk | undefined,
  dispatch: DispatchJudgement | undefined,
  wildcardBypass: DispatchRule | undefined,
  { offersSrtp }: CallToJudge,
): MediaJudgement | undefined {
  if (wildcardBypass) return judgeMedia(undefined, wildcardBypass, offersSrtp);
  return trunk && judgeMedia(trunk, dispatch?.kind === 'rule' ? dispatch.rule : undefined, offersSrtp);
}

/** LiveKit's choice, computed with every unknown field passing and with every one failing. It is known if both agree. */
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
 * Finds the trunk that a call without a match was most likely meant for. The called number decides first: a trunk that
 * lists it, lists it in another form, or accepts any number. Then a trunk with a dispatch rule for the call wins, and
 * then the one with the fewest faults, wrong credentials included.
 */
function findLikelyTrunk(snapshot: Snapshot, nearest: readonly TrunkJudgement[], asked: CallToTrunks & CallToJudge) {
  const [first] = nearest;
  if (!first) return { likelyTrunk: undefined, equallyNear: 0 };
  const leadsToRule = (judged: TrunkJudgement) => hasDispatchRule(snapshot, judged, asked);
  const distance = (judged: TrunkJudgement) =>
    distanceOf(judged) + (wouldRefuse(judgeAuth(judged.trunk, asked)) ? FAULT : 0);
  // Only the called number shows which trunk was meant. Everything else only orders the candidates.
  const size = snapshot.trunkIndex.countNeighbours(asked);
  const equallyNear = size - 1;
  const near = nearest.slice(0, size);
  const withRule = near.filter(leadsToRule);
  const [favourite = first] = (withRule.length > 0 ? withRule : near).toSorted((a, b) => distance(a) - distance(b));
  if (withRule.length > 0 || near.length === size) return { likelyTrunk: favourite, equallyNear };
  // No dispatch rule takes the call from any of the nearest trunks, so search more neighbours.
  let best: TrunkJudgement | undefined;
  for (const judged of snapshot.trunkIndex.neighbours(asked, SEARCHED)) {
    if ((!best || distance(judged) < distance(best)) && leadsToRule(judged)) best = judged;
  }
  return { likelyTrunk: best ?? favourite, equallyNear };
}

/** Whether the trunk certainly refuses the declared credentials. */
function wouldRefuse({ kind }: AuthJudgement): boolean {
  return kind === 'not_sent' || kind === 'wrong_username';
}

/** Whether a dispatch rule accepts the call from this trunk. */
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

/** The wildcard rule that admits a call without a matching trunk; `undefined` if there is none. */
function findWildcardBypass({ ruleIndex }: Snapshot, { caller, called }: CallToJudge): DispatchRule | undefined {
  return ruleIndex.chooseUnmatched(caller ?? '', called);
}

/** The rule by which LiveKit admits the call, according to the match; `undefined` if none does. */
export function ruleThatAdmits({
  wildcardBypass,
  dispatch,
}: Pick<Judgement, 'wildcardBypass' | 'dispatch'>): DispatchRule | undefined {
  return wildcardBypass ?? (dispatch?.kind === 'rule' ? dispatch.rule : undefined);
}
