import { foldByHand, type Handled, type IncidentAction } from '../../core/incidents/foldByHand.ts';
import type { Folded } from '../../core/incidents/incident.ts';
import type { Prediction } from '../../core/predict/prediction.ts';
import type { Store } from '../../store/store.ts';

interface HandlingEvents {
  /** Gets each changed incident. */
  onChanged(folded: Folded): void;
  /** Gets each predicted incident that was accepted. */
  onAccepted(prediction: Prediction): void;
}

/** Does what people ask for about incidents. `now` in epoch milliseconds. */
export function handlingAnswers(
  { incidents, predictions, callKinds }: Pick<Store, 'incidents' | 'predictions' | 'callKinds'>,
  now: () => number,
  { onChanged, onAccepted }: HandlingEvents,
) {
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

    /** Accepts a predicted incident: its calls are no longer expected. Resolves to whether it was open. */
    async resolvePrediction(id: string, by: string | undefined): Promise<boolean> {
      const closed = await predictions.close(id, 'resolved_by_hand', now(), by);
      if (!closed) return false;
      await callKinds.drop(closed.keys);
      onAccepted(closed);
      return true;
    },
  };
}
