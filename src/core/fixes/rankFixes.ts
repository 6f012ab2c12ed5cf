import type { Snapshot } from '../trunks/snapshot.ts';
import { withEntries } from './apply.ts';
import type { Change, Fix } from './fix.ts';
import { consequencesOf } from './lockout.ts';
import type { ProvenFix } from './prove.ts';

/** A fix with what it does to other calls. */
export interface RankedFix<F extends Fix = Fix> {
  /** Its action says whom it locks out. */
  readonly fix: F;
  readonly rank: number;
  readonly locksOut: boolean;
  /** Whether it takes calls off a trunk with a password or an address list, and leaves them to one with neither. */
  readonly leavesOpen: boolean;
  /** Whether the configuration is too large to know. */
  readonly isPartial: boolean;
}

/**
 * Sorts fixes by what they do to everyone: first those that lock nobody out and open nothing, then those that open
 * something, then those that lock somebody out, then those that leave calls to an unprotected trunk, and deletions last, in
 * the same order. Otherwise they keep their order. `asListed` gives a hashed caller in a fix as the lists have it.
 */
export function rankFixes<F extends Fix>(
  fixes: readonly F[],
  snapshot: Snapshot,
  strictAddresses: boolean,
  asListed?: AsListed,
): RankedFix<F>[] {
  return fixes.map((fix) => rankFix(fix, snapshot, strictAddresses, asListed)).sort((a, b) => a.rank - b.rank);
}

type AsListed = (entry: string) => string;

/**
 * The fixes of an audit finding, which has its own order: with the words of the lockout. Those that leave calls to an
 * unprotected trunk come after the others, and deletions last.
 */
export function withLockouts(fixes: readonly Fix[], snapshot: Snapshot, strictAddresses: boolean): Fix[] {
  const orderOf = ({ fix: { change }, leavesOpen }: RankedFix) =>
    (change !== undefined && isDeletion(change) ? 2 : 0) + (leavesOpen ? 1 : 0);
  return fixes
    .map((fix) => rankFix(fix, snapshot, strictAddresses))
    .sort((a, b) => orderOf(a) - orderOf(b))
    .map(({ fix }) => fix);
}

function rankFix<F extends Fix>(
  fix: F,
  snapshot: Snapshot,
  strictAddresses: boolean,
  asListed: AsListed = (entry) => entry,
): RankedFix<F> {
  const change = fix.change && withEntries(fix.change, asListed);
  if (!change) return { fix, rank: RANKS.harmless, locksOut: false, leavesOpen: false, isPartial: false };
  const { locksOut, opens, leavesOpen, isPartial } = consequencesOf(change, snapshot, strictAddresses);
  const rank = leavesOpen
    ? RANKS.leavesOpen
    : locksOut.length > 0
      ? RANKS.locksOut
      : opens.length > 0
        ? RANKS.opens
        : RANKS.harmless;
  const isLast = isDeletion(change);
  const words = isLast && locksOut.length === 0 ? [isPartial ? UNKNOWN : NOBODY] : locksOut;
  const action = [isLast ? asLastResort(fix.action) : fix.action, ...words].join(' ');
  return {
    fix: { ...fix, action },
    rank: isLast ? RANKS.deletes + rank : rank,
    locksOut: locksOut.length > 0,
    leavesOpen,
    isPartial,
  };
}

const RANKS = { harmless: 0, opens: 1, locksOut: 2, leavesOpen: 3, deletes: 4 };

const NOBODY = 'No caller whom a trunk admits today would be locked out, by what the trunks and rules list.';
const UNKNOWN = 'Whom that locks out is unknown: too many trunks, rules or numbers are affected.';

function asLastResort(action: string): string {
  return `Last resort, because it can’t be undone: ${action.replace(/^./, (letter) => letter.toLowerCase())}`;
}

/** Of a cause's fixes, preferably a proven one; a deletion only if there is no other. `undefined` if there is none. */
export function preferredFix<F extends Pick<ProvenFix, 'change' | 'proof'>>(fixes: readonly F[]): F | undefined {
  const kept = fixes.filter(({ change }) => !(change && isDeletion(change)));
  const own = kept.length > 0 ? kept : fixes;
  return own.find(({ proof }) => proof === 'connects') ?? own.find(({ proof }) => proof !== undefined) ?? own[0];
}

export function isDeletion({ kind }: Change): boolean {
  return kind === 'delete_trunk' || kind === 'delete_rule';
}
