import { foldByHand, type Handled, type IncidentAction } from '../../core/incidents/foldByHand.ts';
import type { Folded } from '../../core/incidents/incident.ts';
import type { Incidents } from '../../store/incidents/incidents.ts';

/** Does what people ask for about incidents. `now` in epoch milliseconds; `onChanged` gets each changed incident. */
export function handlingAnswers(incidents: Incidents, now: () => number, onChanged: (folded: Folded) => void) {
  /** The change; without one, why there is none. */
  const change = async (id: string, action: IncidentAction): Promise<Folded | Handled> => {
    const at = now();
    if (action.kind === 'put_away') {
      const changed = await incidents.putAway(id, action.callSid, action.by, at);
      return changed ?? { ok: false, reason: (await incidents.find(id)) ? 'not_in_incident' : 'unknown_incident' };
    }
    let refused: Handled = { ok: false, reason: 'unknown_incident' };
    const changed = await incidents.change(id, at, (incident) => {
      const folded = foldByHand(incident, action, at);
      if (folded.ok) return folded;
      refused = folded;
      return undefined;
    });
    return changed ?? refused;
  };
  return {
    async handleIncident(id: string, action: IncidentAction): Promise<Handled> {
      const changed = await change(id, action);
      if (!('incident' in changed)) return changed;
      onChanged(changed);
      return { ok: true };
    },
  };
}
