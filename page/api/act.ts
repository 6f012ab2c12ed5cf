import { myName } from '../text/myName.ts';
import { type Answer, ask } from './client.ts';
import { changes } from './live.ts';
import type { OneIncident } from './types.ts';

/** What a person can do about an incident, as the API's routes name it, with what each needs. */
export interface Deeds {
  readonly acknowledge: { readonly acknowledged: boolean };
  readonly note: { readonly text: string };
  readonly mute: { readonly until: string | null };
  readonly resolve: Readonly<Record<string, never>>;
  readonly 'put-away': { readonly call_sid: string };
}

/** Does something about an incident, under the name that the browser remembers. Answers with the incident. */
export async function act<Verb extends keyof Deeds>(
  incident: string,
  verb: Verb,
  what: Deeds[Verb],
): Promise<Answer<OneIncident>> {
  const by = myName.value;
  const answer = await ask<OneIncident>(`incidents/${encodeURIComponent(incident)}/${verb}`, {
    method: 'POST',
    body: { ...what, ...(by !== '' && { by }) },
  });
  // What was asked for before may be told after, and would look like the present.
  if (answer.ok) changes.value += 1;
  return answer;
}
