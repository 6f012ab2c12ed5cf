import { useRef, useState } from 'preact/hooks';
import { act, type Deeds } from '../api/act.ts';
import type { Problem } from '../api/client.ts';
import type { OneIncident } from '../api/types.ts';
import { keepFocus } from './useFormFocus.ts';

export interface Acted {
  readonly incident: OneIncident;
  /** Shows the incident as it is after an action. */
  setIncident(incident: OneIncident): void;
}

/** Does something about an incident, once at a time; why it was refused is shown where it was asked for. */
export function useDeed({ incident, setIncident }: Acted) {
  const isSending = useRef(false);
  const [problem, setProblem] = useState<Problem>();
  const send = async <Verb extends keyof Deeds>(verb: Verb, what: Deeds[Verb]): Promise<boolean> => {
    if (isSending.current) return false;
    isSending.current = true;
    const pressed = document.activeElement;
    const answer = await act(incident.id, verb, what);
    isSending.current = false;
    setProblem(answer.ok ? undefined : answer.problem);
    if (answer.ok) setIncident(answer.data);
    // What was pressed may be gone: there is nothing more to acknowledge.
    keepFocus(pressed);
    return answer.ok;
  };
  return { send, problem };
}
