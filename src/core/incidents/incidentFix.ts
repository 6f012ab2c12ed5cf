import type { AttemptRecord } from '../diagnose/record.ts';
import { areTooLong, type Change, inWords } from '../fixes/fix.ts';
import { curlPaste } from '../fixes/liveKitCommand.ts';
import { preferredFix } from '../fixes/rankFixes.ts';
import { isWithheld } from '../fixes/trunkFix.ts';
import type { IncidentFix } from './incident.ts';

/** The fix of the headline. */
export function fixOf({ cause, fixes }: Pick<AttemptRecord, 'cause' | 'fixes'>): IncidentFix | undefined {
  const fix = preferredFix(fixes.filter((one) => one.cause === cause));
  if (!fix) return undefined;
  const { action, pastes, proof, change } = fix;
  return { action, pastes, ...(proof && { proof }), ...(isAddition(change) && { change }) };
}

/** The incident's fix after one more failed call: one that serves both where there is one, or else the first proven. */
export function fixForAll(known: IncidentFix | undefined, own: IncidentFix | undefined): IncidentFix | undefined {
  if (!known || !own) return own ?? known;
  return forBoth(known, own) ?? (known.proof === undefined ? own : known);
}

/** Where each call wants its own entry in the same list of a trunk, the fix has them all: one would leave the others out. */
function forBoth(known: IncidentFix, own: IncidentFix): IncidentFix | undefined {
  if (!isAddition(known.change) || !isAddition(own.change) || own.proof !== known.proof) return undefined;
  const { sip_trunk_id, field, add } = known.change;
  if (own.change.sip_trunk_id !== sip_trunk_id || own.change.field !== field) return undefined;
  const entries = own.change.add.filter((entry) => !add.includes(entry));
  const all = [...add, ...entries];
  // A number of which only a hash is kept is no entry.
  const isWritten = own.pastes.some(({ text }) => entries.every((entry) => text.includes(entry)));
  if (entries.length === 0 || !isWritten || areTooLong(all)) return known;
  // The words on callers who withhold their number must stay.
  const [{ action }, named] = add.some(isWithheld) ? [known, add] : [own, own.change.add];
  return {
    ...known,
    action: action.replace(inWords(named), () => inWords(all)),
    pastes: [
      curlPaste([{ method: 'UpdateSIPInboundTrunk', body: { sip_trunk_id, update: { [field]: { add: all } } } }]),
    ],
    change: { ...known.change, add: all },
  };
}

type Addition = Extract<Change, { readonly kind: 'trunk' }> & { readonly add: readonly string[] };

/** Whether a change only adds callers to a trunk. */
function isAddition(change: Change | undefined): change is Addition {
  return change?.kind === 'trunk' && change.field === 'allowed_numbers' && !!change.add && !change.remove;
}
