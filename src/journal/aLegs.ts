import { placeholders, type Queries } from './database.ts';
import type { StoredAttempt } from './store.ts';

/**
 * An A leg that is kept as an attempt of its own, since nothing had been heard of a leg dialled from it when it was over.
 * Once something is, the dialled leg is the attempt: the first one takes the A leg's place, and was counted with it.
 */
export interface ALeg {
  readonly call_sid: string;
  readonly incident: string | null;
  readonly settled_by: string | null;
}

type OfCall = Pick<StoredAttempt, 'callSid' | 'callId'>;

/** Leaves out A legs of which a dialled leg is to be kept too. */
export function withoutALegs<A extends OfCall>(attempts: readonly A[]): readonly A[] {
  const dialling = new Set(attempts.filter(isDialled).map(({ callId }) => callId));
  return attempts.filter(({ callSid }) => !dialling.has(callSid));
}

/** Takes out the A legs whose dialled legs are to be kept now; by their call_sid. */
export async function takeOutALegs(queries: Queries, attempts: readonly OfCall[]): Promise<Map<string, ALeg>> {
  const callIds = [...new Set(attempts.filter(isDialled).map(({ callId }) => callId))];
  if (callIds.length === 0) return new Map();
  const taken = await queries.all<ALeg>(
    `DELETE FROM attempts WHERE call_sid IN ${placeholders(1, callIds.length)} AND call_id = call_sid
     RETURNING call_sid, incident, settled_by`,
    callIds,
  );
  return new Map(taken.map((aLeg) => [aLeg.call_sid, aLeg]));
}

/** The attempts that take the place of these A legs: of each call the first. */
export function heirsOf<A extends OfCall>(attempts: readonly A[], aLegs: Iterable<string>): Set<A> {
  const left = new Set(aLegs);
  return new Set(attempts.filter((attempt) => isDialled(attempt) && left.delete(attempt.callId)));
}

function isDialled({ callSid, callId }: OfCall): boolean {
  return callSid !== callId;
}
