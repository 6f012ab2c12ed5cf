import { signal } from '@preact/signals';
import type { Incident } from '../api/types.ts';

/** LiveKit's names of trunks by id, as far as incidents have told them. */
export const trunkNames = signal<ReadonlyMap<string, string>>(new Map());

/** Learns the names that these incidents tell. */
export function learnTrunkNames(incidents: readonly Incident[]): void {
  const known = trunkNames.peek();
  const told = incidents.flatMap(({ trunk, trunk_name }): [string, string][] =>
    trunk_name !== null && known.get(trunk) !== trunk_name ? [[trunk, trunk_name]] : [],
  );
  if (told.length > 0) trunkNames.value = new Map([...known, ...told]);
}

/** A trunk by its name; by its id if the name is not known. */
export function Trunk({ id, name = trunkNames.value.get(id) }: { id: string; name?: string | null | undefined }) {
  return <span title={id}>{name || id}</span>;
}
