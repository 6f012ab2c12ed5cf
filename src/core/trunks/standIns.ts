import type { ReadSnapshot } from './readSnapshot.ts';
import type { InboundTrunk, Snapshot } from './snapshot.ts';

/** Stands for an id that a file leaves out because LiveKit gives it on creation. No real id looks like it. */
export function standIn(what: string, number: number): string {
  return `<${what} ${number}>`;
}

const TRUNK_STAND_IN = /^<trunk \d+>$/;

/**
 * Finds the trunks without an id that rules name by an id. The only trunk of a configuration is taken for the only id
 * that its rules name, and is marked so. In any other case the rules may mean any of the trunks, so that the match would
 * only guess: such a configuration is refused.
 */
export function withMeantIds(snapshot: Snapshot): ReadSnapshot {
  const { trunks, rules, trunksById } = snapshot;
  const nameless = trunks.filter(({ sip_trunk_id }) => TRUNK_STAND_IN.test(sip_trunk_id));
  if (nameless.length === 0) return { ok: true, snapshot };
  const unknown = new Set(rules.flatMap(({ trunk_ids }) => trunk_ids).filter((id) => !trunksById.has(id)));
  const [id] = unknown;
  if (id === undefined) return { ok: true, snapshot };
  const [only] = trunks;
  if (only && trunks.length === 1 && unknown.size === 1) {
    const meant: InboundTrunk = { ...only, sip_trunk_id: id, has_assumed_id: true };
    return { ok: true, snapshot: snapshot.with({ trunks: [meant] }) };
  }
  const which = nameless.map(({ sip_trunk_id, name }) => name || sip_trunk_id).slice(0, 3);
  return {
    ok: false,
    faults: [
      `a dispatch rule is bound to ${id}, but inbound_trunks doesn’t say which trunk that is: write the sip_trunk_id of ${which.join(', ')}, or what \`lk sip inbound list --json\` prints`,
    ],
  };
}
