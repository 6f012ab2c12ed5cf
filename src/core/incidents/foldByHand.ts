import { type ByHand, type Handling, type PutAway, UNHANDLED } from './handling.ts';
import { close, type Folded, type Incident, isOpen } from './incident.ts';

/** How many characters a person's name and a note may have. */
export const NAME_CHARACTERS = 100;
export const NOTE_CHARACTERS = 2_000;
/** How many notes an incident keeps. A further one is refused, so that nothing that somebody wrote disappears. */
export const NOTES_KEPT = 50;
/** How many of the calls that were taken out are kept with who and when. */
export const PUT_AWAY_KEPT = 50;
/** How long, in milliseconds, an incident may be muted. */
export const LONGEST_MUTE_MS = 90 * 86_400_000;

/** What a person does about an incident; `until` in epoch milliseconds. */
export type IncidentAction = { readonly by?: string } & (
  | { readonly kind: 'acknowledge' | 'unacknowledge' | 'unmute' | 'resolve' }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'mute'; readonly until: number }
  | { readonly kind: 'put_away'; readonly callSid: string }
);

/** Whether it was done. If not: there is no such incident, or it makes no sense for the incident as it is. */
export type Handled =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'unknown_incident' | 'closed' | 'notes_full' | 'not_in_incident' };

type FoldedByHand = ({ readonly ok: true } & Folded) | Extract<Handled, { ok: false }>;

/** Applies what a person does, except to single calls. `now` in epoch milliseconds. */
export function foldByHand(
  incident: Incident,
  action: Exclude<IncidentAction, { kind: 'put_away' }>,
  now: number,
): FoldedByHand {
  const { handling = UNHANDLED } = incident;
  const who = byHand(action, now);
  const handled = (changed: Handling): FoldedByHand => ({ ok: true, incident: { ...incident, handling: changed } });
  const { acknowledged: _, ...unacknowledged } = handling;
  const { muted: __, ...unmuted } = handling;
  switch (action.kind) {
    case 'unacknowledge':
      return handled(unacknowledged);
    case 'unmute':
      return handled(unmuted);
    case 'note': {
      if (handling.notes.length >= NOTES_KEPT) return { ok: false, reason: 'notes_full' };
      return handled({ ...handling, notes: [...handling.notes, { ...who, text: action.text }] });
    }
  }
  if (!isOpen(incident)) return { ok: false, reason: 'closed' };
  switch (action.kind) {
    case 'acknowledge':
      return handled({ ...handling, acknowledged: who });
    case 'mute':
      return handled({ ...handling, muted: { ...who, until: action.until } });
    case 'resolve':
      return { ok: true, ...close({ ...incident, handling: { ...handling, resolved: who } }, 'resolved_by_hand', now) };
  }
}

/** Adds to an incident who took a call out of it. */
export function notePutAway(incident: Incident, callSid: string, who: ByHand): Incident {
  const { handling = UNHANDLED } = incident;
  const putAway: PutAway[] = [...(handling.putAway ?? []), { ...who, callSid }].slice(-PUT_AWAY_KEPT);
  return { ...incident, handling: { ...handling, putAway } };
}

/** Who does something, and when. */
export function byHand({ by }: { readonly by?: string | undefined }, now: number): ByHand {
  return { at: now, ...(by !== undefined && { by }) };
}

/** An incident that reopens is new to everybody, but a mute lasts until its time. */
export function whenReopened(incident: Incident): Incident {
  if (!incident.handling) return incident;
  const { acknowledged: _, resolved: __, ...handling } = incident.handling;
  return { ...incident, handling };
}
