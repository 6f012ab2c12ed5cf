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
  /** Whether the configuration is too large to know. */
  readonly isPartial: boolean;
}

/**
 * Sorts fixes by what they do to everyone: first those that lock nobody out and open nothing, then those that open
 * something, then those that add a caller to a bound rule, which leaves the next caller out, then those that lock somebody
 * out, and deletions last. Otherwise they keep their order. `asListed` gives a
 * hashed caller in a fix as the lists have it.
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

/** The fixes of an audit finding, which has its own order: with the words of the lockout, and deletions last. */
export function withLockouts(fixes: readonly Fix[], snapshot: Snapshot, strictAddresses: boolean): Fix[] {
  const ranked = fixes.map((fix) => rankFix(fix, snapshot, strictAddresses).fix);
  const deletes = ({ change }: Fix) => change !== undefined && isDeletion(change);
  return [...ranked.filter((fix) => !deletes(fix)), ...ranked.filter(deletes)];
}

function rankFix<F extends Fix>(
  fix: F,
  snapshot: Snapshot,
  strictAddresses: boolean,
  asListed: AsListed = (entry) => entry,
): RankedFix<F> {
  const change = fix.change && withEntries(fix.change, asListed);
  if (!change) return { fix, rank: RANKS.harmless, locksOut: false, isPartial: false };
  const { locksOut, opens, isPartial } = consequencesOf(change, snapshot, strictAddresses);
  const rank =
    locksOut.length > 0
      ? RANKS.locksOut
      : addsCaller(change, snapshot)
        ? RANKS.addsCaller
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
    isPartial,
  };
}

const RANKS = { harmless: 0, opens: 1, addsCaller: 2, locksOut: 3, deletes: 4 };

/** Not for a wildcard rule: its list of callers is all that limits who gets in. */
function addsCaller(change: Change, snapshot: Snapshot): boolean {
  if (change.kind !== 'rule') return false;
  const callers = change.lists.inbound_numbers ?? [];
  return snapshot
    .rulesWithId(change.sip_dispatch_rule_id)
    .some(
      ({ trunk_ids, inbound_numbers: listed }) =>
        trunk_ids.length > 0 && listed.length > 0 && callers.length > listed.length,
    );
}

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
