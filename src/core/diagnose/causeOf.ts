import type { Cause } from './cause.ts';
import { CAUSES } from './causes.ts';

const BY_ID = new Map<string, Cause>(CAUSES.map((cause) => [cause.id, cause]));

/** The cause with this id; `undefined` for one that this version does not know. */
export function causeOf(id: string | undefined): Cause | undefined {
  return id === undefined ? undefined : BY_ID.get(id);
}
