import { type CallToJudge, type Judgement, judge } from '../trunks/judge/judge.ts';
import { listedCaller } from '../trunks/judge/listedCaller.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { applyChanges, concerning, withEntries } from './apply.ts';
import type { Change, Fix } from './fix.ts';
import { admitsUsualCallers } from './landing.ts';
import { isDeletion, type RankedFix, rankFixes } from './rankFixes.ts';

/**
 * The result of matching the call again with the fix applied. `connects`: LiveKit admits the call.
 * `connects_as_far_as_known`: nothing known blocks the call, but some fields are unknown.
 */
export type Proof = 'connects' | 'connects_as_far_as_known';

export type ProvenFix<F extends Fix = Fix> = F & { readonly proof?: Proof };

/**
 * Tries each fix on a copy of the configuration and of the call, together with the first fix of every other cause,
 * since one change of several does not make a call connect. A fix that does not help is left out; one that changes
 * nothing that can be tried is kept, unproven. So is one that locks out other callers, that leaves calls to an unprotected
 * trunk, or after which only the credentials are missing. The fixes are sorted by what they do to everyone, see
 * `rankFixes`; those of `latent` causes come after the others, and before deletions.
 */
export function proveFixes<F extends Fix & { readonly cause: string }>(
  fixes: readonly F[],
  snapshot: Snapshot,
  call: CallToJudge,
  latent: readonly string[] = [],
): ProvenFix<F>[] {
  const orderOf = ({ fix: { cause, change } }: RankedFix<F>) =>
    change && isDeletion(change) ? 2 : latent.includes(cause) ? 1 : 0;
  const listed = listedCaller(snapshot, call);
  const asListed = (entry: string) => (entry === call.caller ? (listed ?? entry) : entry);
  const ranked = rankFixes(fixes, snapshot, call.strictAddresses, asListed).sort((a, b) => orderOf(a) - orderOf(b));
  const changes = fixes.flatMap(({ change }) => change ?? []);
  const dialled = changes.flatMap((change) => (change.kind === 'dial' ? (change.user ?? []) : []));
  const tried = { call: { ...call, caller: listed, hashKey: undefined }, asListed };
  const calls = [call.called, ...dialled].map((called) => ({ ...tried.call, called }));
  const reduced = concerning(snapshot, calls, changes);
  const inOrder = ranked.map(({ fix }) => fix);
  const first = tryFixes(ranked, inOrder, reduced, tried);
  // If the first fix of a cause doesn't help, the next one that helps takes its place.
  return first.length === fixes.length ? first : tryFixes(ranked, [...first, ...inOrder], reduced, tried);
}

/** A call to try fixes on. */
interface Tried {
  /** With the caller as lists have it. */
  readonly call: CallToJudge;
  /** An entry of a fix, where the caller may be hashed, as lists have it. */
  readonly asListed: (entry: string) => string;
}

function tryFixes<F extends Fix & { readonly cause: string }>(
  ranked: readonly RankedFix<F>[],
  preferred: readonly F[],
  snapshot: Snapshot,
  { call, asListed }: Tried,
): ProvenFix<F>[] {
  const firsts = new Map<string, Change>();
  for (const { cause, change } of preferred) if (change && !firsts.has(cause)) firsts.set(cause, change);
  return ranked.flatMap(({ fix, locksOut, leavesOpen, isPartial }): ProvenFix<F>[] => {
    if (!fix.change || changesOnlyHost(fix.change)) return [fix];
    const others = [...firsts].filter(([cause]) => cause !== fix.cause).map(([, change]) => change);
    const changes = [...others, fix.change].map((change) => withEntries(change, asListed));
    const after = applyChanges(snapshot, changes);
    const asDialled = redialled(call, changes);
    const judgement = judge(after, asDialled);
    const verdict = verdictOf(judgement);
    if (verdict === 'refused') {
      const withCredentials = verdictOf(judge(after, { ...asDialled, declaredAuth: undefined }));
      return isTrunkChange(fix.change) && withCredentials !== 'refused' ? [fix] : [];
    }
    // A fix for this call alone, at the cost of others, is no proven fix.
    if (locksOut || leavesOpen || !admitsUsualCallers(after, judgement)) return [fix];
    return [{ ...fix, proof: verdict === 'admitted' && !isPartial ? 'connects' : 'connects_as_far_as_known' }];
  });
}

/** Another trunk may take the call than the one whose credentials were judged. */
function isTrunkChange({ kind }: Change): boolean {
  return kind === 'trunk' || kind === 'delete_trunk';
}

/** The match ignores the dialled host, so a change of the host alone can't be tried. */
function changesOnlyHost(change: Change): boolean {
  return change.kind === 'dial' && change.user === undefined && change.username === undefined && !change.srtp;
}

/** Whether LiveKit admits a call, according to the match and the media settings. */
export function verdictOf({
  choice,
  auth,
  dispatch,
  wildcardBypass,
  likelyTrunk,
  media,
}: Judgement): 'admitted' | 'refused' | 'unknown' {
  if (media?.verdict === 'fail') return 'refused';
  if (wildcardBypass) return media?.verdict === 'unknown' ? 'unknown' : 'admitted';
  if (choice.kind === 'empty' || choice.kind === 'none' || choice.kind === 'conflict') return 'refused';
  if (auth?.kind === 'not_sent' || auth?.kind === 'wrong_username' || dispatch?.kind !== 'rule') return 'refused';
  if (choice.kind === 'unknown') return likelyTrunk?.called === 'fail' ? 'refused' : 'unknown';
  const isAuthUnknown = auth?.kind === 'unknown' && !auth.usernameMatches;
  return isAuthUnknown || media?.verdict === 'unknown' ? 'unknown' : 'admitted';
}

/** The call as it is dialled after the changes. */
function redialled(call: CallToJudge, changes: readonly Change[]): CallToJudge {
  let { called, declaredAuth, offersSrtp } = call;
  for (const change of changes) {
    if (change.kind !== 'dial') continue;
    called = change.user ?? called;
    if (change.username !== undefined) declaredAuth = { sent: true, username: change.username };
    offersSrtp ||= change.srtp;
  }
  return { ...call, called, declaredAuth, offersSrtp };
}
