import { normaliseNumber } from '../number.ts';
import type { InboundTrunk } from '../snapshot.ts';

/** Two trunks that conflict by LiveKit's creation check; `a` is the later one. */
interface TrunkConflict {
  readonly a: string;
  readonly b: string;
  /** `CalledNumber`: both admit a called number from every caller. `CallingNumber`: both admit it from the same caller. */
  readonly reason: 'CalledNumber' | 'CallingNumber';
}

/**
 * The conflicts that LiveKit's own creation check finds in a set of trunks. It finds only pairs that share both a number
 * and a caller in the same form. Other overlapping pairs can be created, and conflict at call time.
 * Source: github.com/livekit/protocol v1.54.0, `sip.ValidateTrunksIter`.
 */
export function findCreationConflicts(trunks: readonly InboundTrunk[]): TrunkConflict[] {
  const conflicts: TrunkConflict[] = [];
  const byCalled = new Map<string, Map<string, InboundTrunk>>();

  for (const trunk of trunks) {
    for (const called of keysOf(trunk.numbers)) {
      const byCaller = byCalled.get(called) ?? new Map<string, InboundTrunk>();
      byCalled.set(called, byCaller);
      for (const caller of keysOf(trunk.allowed_numbers)) {
        const other = byCaller.get(caller);
        if (other && other.sip_trunk_id !== trunk.sip_trunk_id) {
          const reason = trunk.allowed_numbers.length === 0 ? 'CalledNumber' : 'CallingNumber';
          conflicts.push({ a: trunk.sip_trunk_id, b: other.sip_trunk_id, reason });
        } else {
          byCaller.set(caller, trunk);
        }
      }
    }
  }
  return conflicts;
}

/** Normalised entries, each once; the empty string stands for "every number". */
function keysOf(numbers: readonly string[]): Set<string> {
  return numbers.length === 0 ? new Set(['']) : new Set(numbers.map(normaliseNumber));
}
