import { type ByHand, isMuted, UNHANDLED } from '../incidents/handling.ts';
import type { Incident } from '../incidents/incident.ts';
import type { Mask } from './mask.ts';

/** What people did about an incident, as JSON. */
type HandlingJson = ReturnType<typeof handlingJson>;

/** `now` in epoch milliseconds. */
export function handlingJson(incident: Incident, now: number) {
  const { acknowledged, muted, resolved, notes, putAway = [] } = incident.handling ?? UNHANDLED;
  return {
    acknowledged: acknowledged ? whoJson(acknowledged) : null,
    /** `null` once its time has passed. */
    muted: muted && isMuted(incident, now) ? { ...whoJson(muted), until: iso(muted.until) } : null,
    resolved: resolved ? whoJson(resolved) : null,
    notes: notes.map((note) => ({ ...whoJson(note), text: note.text })),
    /** Calls that no longer count. */
    put_away: putAway.map((call) => ({ ...whoJson(call), call_sid: call.callSid })),
  };
}

/** The same in a few lines of plain text, for a terminal. */
export function handlingLines({ acknowledged, muted, resolved, notes, put_away }: HandlingJson): string[] {
  return [
    ...(acknowledged ? [`Acknowledged ${whoText(acknowledged)}.`] : []),
    ...(muted ? [`Muted ${whoText(muted)}, until ${muted.until}.`] : []),
    ...(resolved ? [`Resolved ${whoText(resolved)}.`] : []),
    ...put_away.map((call) => `Call ${call.call_sid} put away ${whoText(call)}.`),
    ...notes.map((note) => `Note ${whoText(note)}: ${note.text}`),
  ];
}

/** The same with telephone numbers masked: people type them too. */
export function maskHandling({ acknowledged, muted, resolved, notes, put_away }: HandlingJson, mask: Mask) {
  const masked = <T extends ReturnType<typeof whoJson>>(who: T): T => ({ ...who, by: who.by && mask(who.by) });
  return {
    acknowledged: acknowledged && masked(acknowledged),
    muted: muted && masked(muted),
    resolved: resolved && masked(resolved),
    notes: notes.map((note) => ({ ...masked(note), text: mask(note.text) })),
    put_away: put_away.map(masked),
  };
}

/** Who closed an incident by hand, or took its last call out; `undefined` for any other, or if nobody said who. */
export function closedBy({ closed, handling }: Incident): string | undefined {
  if (closed?.because === 'resolved_by_hand') return handling?.resolved?.by;
  return closed?.because === 'put_away' ? handling?.putAway?.at(-1)?.by : undefined;
}

function whoJson({ by, at }: ByHand) {
  return { by: by ?? null, at: iso(at) };
}

function whoText({ by, at }: ReturnType<typeof whoJson>): string {
  return by === null ? `at ${at}` : `by ${by} at ${at}`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
