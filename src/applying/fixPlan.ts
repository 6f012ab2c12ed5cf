import type { FoundFix } from '../cli/calls/fixCommand.ts';
import { toJson } from '../core/audit/auditReport.ts';
import type { Checked } from '../core/check/check.ts';
import type { CauseId } from '../core/diagnose/causes.ts';
import { applicableChange, isAppliedUnasked } from '../core/edits/applicable.ts';
import {
  type ApiConfiguration,
  type Edit,
  editsOf,
  idOf,
  mergedEdits,
  snapshotOf,
  withEdits,
} from '../core/edits/edits.ts';
import type { Change } from '../core/fixes/fix.ts';
import { preferredFix } from '../core/fixes/rankFixes.ts';

/** Matches the call again with a configuration; `undefined` if it isn't known what it dialled. */
export type CheckIn = (configuration: ApiConfiguration) => Checked | undefined;

/** A fix of another cause that the call needs as well. */
interface AlsoNeeded {
  readonly cause: CauseId;
  readonly action: string;
  readonly change: Change;
}

type Planned =
  | {
      readonly ok: true;
      readonly edits: readonly Edit[];
      /** The call, matched with the edits made. */
      readonly intended: Checked | undefined;
      readonly also: readonly AlsoNeeded[];
    }
  | { readonly ok: false; readonly reason: string };

/** So many causes of LiveKit's configuration can't stop one call. */
const MOST_CAUSES = 5;

/** The edits of a fix, proven for the configuration as it is now, with those for other causes that stop the call. */
export function planOf(
  { change, cause }: { readonly change: Change; readonly cause: CauseId },
  configuration: ApiConfiguration,
  checkIn: CheckIn,
): Planned {
  let edits = editsOf(change, configuration);
  if (!edits) return { ok: false, reason: OTHER_PROJECT };
  if (edits.every((edit) => edit.change === 'changed' && edit.fields.length === 0)) return { ok: false, reason: DONE };
  let intended = checkIn(withEdits(configuration, edits));
  if (intended?.blocking.includes(cause)) {
    return {
      ok: false,
      reason: `Under LiveKit’s configuration as it is now, this change doesn’t help: ${cause} would still stop the call.`,
    };
  }
  const also: AlsoNeeded[] = [];
  for (let tries = 0; tries < MOST_CAUSES && intended; tries += 1) {
    const next = nextNeeded(intended, also);
    const more = next && editsOf(next.change, withEdits(configuration, edits));
    // What is added has no id yet, so that nothing of it can be changed.
    if (!next || !more || more.some((edit) => edit.change !== 'changed' || /^</.test(edit.id))) break;
    also.push(next);
    edits = mergedEdits([...edits, ...more]);
    intended = checkIn(withEdits(configuration, edits));
  }
  return { ok: true, edits, intended, also };
}

const OTHER_PROJECT =
  'Nothing was changed: LiveKit doesn’t have what this fix changes. LIVEKIT_URL may name another project than that of the calls.';
const DONE = 'LiveKit’s configuration already has this change: there is nothing to apply.';

/** The fix of the first other cause that stops the call, if it can be applied without being chosen. */
function nextNeeded({ blocking, fixes }: Checked, known: readonly AlsoNeeded[]): AlsoNeeded | undefined {
  const [cause] = blocking;
  if (cause === undefined || known.some((one) => one.cause === cause)) return undefined;
  const fix = preferredFix(fixes.filter((one) => one.cause === cause).filter(isAppliedUnasked));
  const change = fix && applicableChange(fix);
  return fix && change && { cause, action: fix.action, change };
}

/** What the configuration for which the fix was proven has otherwise than LiveKit now, of that which the fix touches. */
export async function staleSince(
  { ask, current }: FoundFix,
  now: ApiConfiguration,
  edits: readonly Edit[],
): Promise<string[]> {
  // A fix that was made for the time of the call is proven here.
  if (current.basis === 'call') return [];
  // The cast: the API describes its answer so.
  const proven = (await ask('/trunks')) as ReturnType<typeof toJson> | undefined;
  if (!proven) return [];
  const here = toJson(snapshotOf(now), { findings: [], counts: [], errors: [] });
  return edits.flatMap((edit) => {
    if (edit.change === 'added') return [];
    const lists = edit.kind === 'trunk' ? [proven.trunks, here.trunks] : [proven.dispatch_rules, here.dispatch_rules];
    const [before, after] = lists.map((list) => list.find((one) => idOf(edit.kind, { ...one }) === edit.id));
    if (!before) return [`${edit.id} is not in the configuration that sipwhy read before`];
    const names = Object.keys({ ...before, ...after });
    const fields = names.filter(
      (name) => JSON.stringify(Reflect.get(before, name)) !== JSON.stringify(Reflect.get(after ?? {}, name)),
    );
    return fields.length > 0 ? [`${fields.join(', ')} of ${edit.id} changed since sipwhy read it`] : [];
  });
}
