import { isDeepStrictEqual } from 'node:util';
import {
  type ApiConfiguration,
  type Edit,
  type FieldEdit,
  type FieldsEdit,
  findIn,
  NEW_TRUNK,
  textsOf,
  withEdits,
} from '../core/edits/edits.ts';
import { changedWords, fieldsThatDiffer, titleOf } from '../core/edits/editText.ts';
import { keptEdit, keptObject } from '../core/edits/keptObject.ts';
import { WrongUse } from '../settings/commandSettings.ts';
import type { LiveKitAccess } from './liveKitAccess.ts';

export interface Plan {
  /** The configuration for which it was made. */
  readonly basis: ApiConfiguration;
  readonly edits: readonly Edit[];
  /** Whether it takes a change back, byte for byte. */
  readonly isExact: boolean;
}

export type Amended =
  /** Nothing was written, because these changed since the plan was made. */
  | { readonly state: 'moved'; readonly moved: readonly string[] }
  | {
      readonly state: 'made' | 'failed';
      readonly fault: string | undefined;
      /** LiveKit's configuration after it. */
      readonly after: ApiConfiguration;
      /** What was really done, as it is stored: without secrets. */
      readonly made: readonly Edit[];
      /** What LiveKit set by itself. It is part of what was made, so that an undo takes it back. */
      readonly along: readonly string[];
      /** What is not as it was intended. */
      readonly odd: readonly string[];
      /** What somebody else changed at the same time. */
      readonly meanwhile: readonly string[];
    };

/**
 * Makes the edits in LiveKit, and reads the result back. `onBegin` is called before the first write. LiveKit's API has no
 * conditional write, so the configuration is read and compared right before.
 */
export async function amend(access: LiveKitAccess, plan: Plan, onBegin: () => Promise<void>): Promise<Amended> {
  const { configuration: fresh, inPart } = await access.read();
  const moved = movedSince(plan, fresh);
  if (moved.length > 0) return { state: 'moved', moved };
  await onBegin();
  const written: Edit[] = [];
  let fault: string | undefined;
  const ids = new Map<string, string>();
  for (const planned of plan.edits) {
    const edit = withNewIds(planned, ids);
    const result = await access.write({
      edit,
      now: findIn(fresh, edit.kind, edit.id),
      isInPart: inPart.has(edit.id),
      isExact: plan.isExact,
    });
    if (result.ok) {
      if (edit.change === 'added') ids.set(planned.id, result.id);
      written.push({ ...edit, id: result.id });
      continue;
    }
    fault = result.fault;
    // LiveKit may have made it all the same.
    if (edit.change !== 'added') written.push(edit);
    break;
  }
  const again = await readAgain(access);
  if (typeof again === 'string') {
    const made = written.map(keptEdit);
    const lost = { after: withEdits(fresh, written), made, along: [], odd: [], meanwhile: [] };
    return { state: 'failed', fault: `${fault ?? 'LiveKit took the change'}. But ${again}`, ...lost };
  }
  const after = again;
  const made = written.flatMap((edit) => madeEdit(edit, fresh, after) ?? []);
  return {
    state: fault === undefined ? 'made' : 'failed',
    fault,
    after,
    made,
    along: alongWords(plan.edits, made),
    odd: fault === undefined ? written.flatMap((edit) => oddWords(edit, after)) : [],
    meanwhile: othersChanged(fresh, after, made),
  };
}

/** LiveKit's configuration after the change, or why it can't be read. */
async function readAgain(access: LiveKitAccess): Promise<ApiConfiguration | string> {
  try {
    return (await access.read()).configuration;
  } catch (error) {
    if (error instanceof WrongUse) return error.message;
    throw error;
  }
}

/** What changed of that which the plan touches. A new trunk or rule depends on all the others. */
function movedSince({ basis, edits }: Plan, fresh: ApiConfiguration): string[] {
  if (edits.some(({ change }) => change === 'added')) return changedWords(basis, fresh);
  return edits.flatMap((edit) => {
    const [known, now] = [findIn(basis, edit.kind, edit.id), findIn(fresh, edit.kind, edit.id)];
    if (!now) return [`${titleOf(edit)} is no longer there`];
    const fields = fieldsThatDiffer(known ?? {}, now);
    return fields.length > 0 ? [`${fields.join(', ')} of ${titleOf(edit)} changed`] : [];
  });
}

/** The edit with the ids that LiveKit gave to what was made before. */
function withNewIds(edit: Edit, ids: ReadonlyMap<string, string>): Edit {
  const trunkId = ids.get(NEW_TRUNK);
  if (edit.kind !== 'rule' || trunkId === undefined) return edit;
  const bound = (value: unknown) => textsOf(value).map((id) => (id === NEW_TRUNK ? trunkId : id));
  if (edit.change === 'changed') {
    const fields = edit.fields.map((one) => (one.field === 'trunk_ids' ? { ...one, after: bound(one.after) } : one));
    return { ...edit, fields };
  }
  return { ...edit, object: { ...edit.object, trunk_ids: bound(edit.object.trunk_ids) } };
}

/** LiveKit sets these itself when it updates single fields. */
const SET_BY_LIVEKIT = ['media', 'media_encryption'];

/** What became of an edit; `undefined` if nothing. */
function madeEdit(edit: Edit, before: ApiConfiguration, after: ApiConfiguration): Edit | undefined {
  const [had, has] = [findIn(before, edit.kind, edit.id), findIn(after, edit.kind, edit.id)];
  if (edit.change === 'removed') return has ? undefined : keptEdit(edit);
  if (!has) return undefined;
  if (edit.change === 'added') return { ...edit, object: keptObject(edit.kind, has).object };
  const names = new Set([...edit.fields.map(({ field }) => field), ...SET_BY_LIVEKIT]);
  const fields = [...names].flatMap((field): FieldEdit[] =>
    isDeepStrictEqual(had?.[field], has[field]) ? [] : [{ field, before: had?.[field], after: has[field] }],
  );
  return fields.length > 0 ? { ...edit, fields } : undefined;
}

function alongWords(planned: readonly Edit[], made: readonly Edit[]): string[] {
  const known = new Set(planned.flatMap((edit) => (edit.change === 'changed' ? edit.fields.map(keyOf(edit)) : [])));
  return made.flatMap((edit) =>
    edit.change === 'changed'
      ? edit.fields.filter((one) => !known.has(keyOf(edit)(one))).map(({ field }) => `${field} of ${titleOf(edit)}`)
      : [],
  );
}

function keyOf({ kind, id }: Edit): (one: FieldEdit) => string {
  return ({ field }) => JSON.stringify([kind, id, field]);
}

function oddWords(edit: Edit, after: ApiConfiguration): string[] {
  const now = findIn(after, edit.kind, edit.id);
  if (edit.change === 'removed') return now ? [`${titleOf(edit)} is still there`] : [];
  if (!now) return [`${titleOf(edit)} is not there`];
  const fields: readonly FieldEdit[] =
    edit.change === 'changed'
      ? edit.fields
      : Object.entries(keptObject(edit.kind, edit.object).object).map(([field, value]) => ({ field, after: value }));
  return fields
    .filter(({ field, after: wanted }) => !isAsWanted(now[field], wanted))
    .map(({ field }) => `${field} of ${titleOf(edit)} is not as intended`);
}

/** LiveKit may add fields of its own to an object. */
function isAsWanted(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null || Array.isArray(wanted)) return isDeepStrictEqual(value, wanted);
  if (typeof value !== 'object' || value === null) return Object.keys(wanted).length === 0;
  return Object.entries(wanted).every(([key, part]) => isAsWanted(Reflect.get(value, key), part));
}

function othersChanged(before: ApiConfiguration, after: ApiConfiguration, made: readonly Edit[]): string[] {
  const isOld = (edit: Edit): edit is FieldsEdit | (Edit & { readonly change: 'removed' }) => edit.change !== 'added';
  const takenOut = made
    .filter((edit) => !isOld(edit))
    .map((edit): Edit => ({ ...edit, change: 'removed', object: {} }));
  return changedWords(withEdits(before, made.filter(isOld)), withEdits(after, takenOut));
}
