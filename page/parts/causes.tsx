import { signal } from '@preact/signals';
import { ask } from '../api/client.ts';
import type { Cause } from '../api/types.ts';

/** Every cause that the service knows, by id; empty until the service has answered. */
export const causes = signal<ReadonlyMap<string, Cause>>(new Map());

const ASK_AGAIN_MS = 4_000;

export async function readCauses(): Promise<void> {
  const answer = await ask<{ causes: readonly Cause[] }>('causes');
  if (answer.ok) causes.value = new Map(answer.data.causes.map((cause) => [cause.id, cause]));
  else if (answer.problem.status !== 401) setTimeout(readCauses, ASK_AGAIN_MS);
}

/** The title of a cause; its id in words until the titles have loaded. */
export function titleOf(id: string | null | undefined): string {
  if (!id) return '';
  return causes.value.get(id)?.title ?? id.replaceAll('_', ' ');
}
