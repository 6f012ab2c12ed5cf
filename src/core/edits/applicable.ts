import { apiCallsIn } from '../fixes/apiCalls.ts';
import type { Change, Fix } from '../fixes/fix.ts';
import { isDeletion } from '../fixes/rankFixes.ts';
import { isHashed } from '../trunks/hashedNumber.ts';

/**
 * The change of a fix that can be made in LiveKit as it is; `undefined` for what the application dials, for what only a
 * person can complete, and for a caller of whom only the hash is known.
 */
export function applicableChange(fix: Pick<Fix, 'change' | 'pastes'>): Change | undefined {
  const change = fix.change ?? listChangeIn(fix);
  if (!change || change.kind === 'dial') return undefined;
  const entries =
    change.kind === 'trunk'
      ? [...(change.add ?? []), ...(change.remove ?? [])]
      : change.kind === 'rule'
        ? Object.values(change.lists).flat()
        : change.kind === 'new_trunk'
          ? change.numbers
          : [];
  return entries.some((entry) => isHashed(entry) || /^<.*>$/.test(entry)) ? undefined : change;
}

/** Whether a fix may be applied without being chosen: deletions may not. */
export function isAppliedUnasked(fix: Pick<Fix, 'change' | 'pastes'>): boolean {
  const change = applicableChange(fix);
  return change !== undefined && !isDeletion(change);
}

/** The fix of an incident for all its callers has only its commands. */
function listChangeIn({ pastes }: Pick<Fix, 'pastes'>): Change | undefined {
  const [call, ...others] = apiCallsIn(pastes);
  if (!call || others.length > 0 || call.method !== 'UpdateSIPInboundTrunk') return undefined;
  const { sip_trunk_id, update } = call.body as { sip_trunk_id?: unknown; update?: Record<string, unknown> };
  const lists = Object.entries(update ?? {});
  const [field, list] = lists[0] ?? [];
  if (typeof sip_trunk_id !== 'string' || lists.length !== 1 || field !== 'allowed_numbers') return undefined;
  const { add, ...rest } = (list ?? {}) as { add?: unknown };
  if (!Array.isArray(add) || Object.keys(rest).length > 0) return undefined;
  return { kind: 'trunk', sip_trunk_id, field, add: add.map(String) };
}
