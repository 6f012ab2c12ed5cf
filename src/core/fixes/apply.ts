import { atOnce } from '../atOnce.ts';
import { type CallToJudge, NEAREST } from '../trunks/judge/judge.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import type { Change, MediaChange } from './fix.ts';

/** Ids for a trunk and a rule that don't exist yet; no id of LiveKit's looks like them. */
const NEW_TRUNK_ID = '<new trunk>';
const NEW_RULE_ID = '<new rule>';

/** A copy of the configuration with the changes applied. Changes to the dial don't affect it. */
export function applyChanges(snapshot: Snapshot, changes: readonly Change[]): Snapshot {
  return changes.reduce(applyChange, snapshot);
}

/**
 * The configuration with only the trunks that the calls can match and those that are changed. Of many trunks that take a
 * call alike, the nearest are enough to tell whether LiveKit admits it. Each copy of a configuration indexes its trunks
 * again, which is slow for many.
 */
export function concerning(snapshot: Snapshot, calls: readonly CallToJudge[], changes: readonly Change[]): Snapshot {
  return atOnce(concerningInSteps(snapshot, calls, changes));
}

/** The same in short steps, for many calls. */
export function* concerningInSteps(
  snapshot: Snapshot,
  calls: readonly CallToJudge[],
  changes: readonly Change[],
): Generator<void, Snapshot> {
  // A change may take one of the nearest away.
  const count = NEAREST + changes.length;
  const concerned = new Set<InboundTrunk>();
  for (const call of calls) {
    for (const trunk of snapshot.trunkIndex.concerning({ ...call, fromHost: undefined }, count)) concerned.add(trunk);
    yield;
  }
  const changed = new Set(changes.flatMap(trunksChangedBy));
  const isPart = (trunk: InboundTrunk) => concerned.has(trunk) || changed.has(trunk.sip_trunk_id);
  return snapshot.with({ trunks: snapshot.trunks.filter(isPart) });
}

/** The change with other entries in the lists that it sets. */
export function withEntries(change: Change, entryOf: (entry: string) => string): Change {
  switch (change.kind) {
    case 'trunk': {
      const { add, remove, ...rest } = change;
      return { ...rest, ...(add && { add: add.map(entryOf) }), ...(remove && { remove: remove.map(entryOf) }) };
    }
    case 'rule': {
      const lists = Object.entries(change.lists).map(([name, list]) => [name, list.map(entryOf)]);
      return { ...change, lists: Object.fromEntries(lists) };
    }
    default:
      return change;
  }
}

function trunksChangedBy(change: Change): readonly string[] {
  if (change.kind === 'media') return change.trunk_ids;
  return 'sip_trunk_id' in change ? [change.sip_trunk_id] : [];
}

function applyChange(snapshot: Snapshot, change: Change): Snapshot {
  const { trunks, rules } = snapshot;
  const withId = (id: string) => rules.filter((rule) => rule.sip_dispatch_rule_id === id);
  switch (change.kind) {
    case 'dial':
      return snapshot;
    case 'trunk': {
      const { sip_trunk_id, field, add = [], remove = [] } = change;
      const edit = (trunk: InboundTrunk): InboundTrunk => {
        const kept = trunk[field].filter((entry) => !remove.includes(entry));
        return { ...trunk, [field]: [...kept, ...add.filter((entry) => !kept.includes(entry))] };
      };
      return snapshot.with({
        trunks: trunks.map((trunk) => (trunk.sip_trunk_id === sip_trunk_id ? edit(trunk) : trunk)),
      });
    }
    case 'media': {
      const { trunk_ids, rule_ids, set } = change;
      return snapshot.with({
        trunks: trunks.map((trunk) => (trunk_ids.includes(trunk.sip_trunk_id) ? withMedia(trunk, set) : trunk)),
        rules: rules.map((rule) => (rule_ids.includes(rule.sip_dispatch_rule_id) ? withMedia(rule, set) : rule)),
      });
    }
    case 'new_trunk':
      return snapshot.with({ trunks: [...trunks, newTrunk(change)] }).withRules(new Map(), [newRule([NEW_TRUNK_ID])]);
    case 'delete_trunk':
      return snapshot.with({ trunks: trunks.filter((trunk) => trunk.sip_trunk_id !== change.sip_trunk_id) });
    case 'rule': {
      const targets = withId(change.sip_dispatch_rule_id);
      return snapshot.withRules(new Map(targets.map((rule) => [rule, { ...rule, ...change.lists }])));
    }
    case 'new_rule':
      return snapshot.withRules(new Map(), [newRule(change.trunk_ids)]);
    case 'delete_rule':
      return snapshot.withRules(new Map(withId(change.sip_dispatch_rule_id).map((rule) => [rule, undefined])));
  }
}

function newTrunk({ numbers, allowed_addresses }: Extract<Change, { kind: 'new_trunk' }>): InboundTrunk {
  return {
    sip_trunk_id: NEW_TRUNK_ID,
    name: '',
    numbers,
    allowed_addresses,
    allowed_numbers: [],
    auth_username: '',
    has_password: false,
    rest: {},
  };
}

function newRule(trunkIds: readonly string[]): DispatchRule {
  return {
    sip_dispatch_rule_id: NEW_RULE_ID,
    name: '',
    kind: 'individual',
    room: 'call-',
    pin: '',
    body: {},
    trunk_ids: trunkIds,
    inbound_numbers: [],
    numbers: [],
    rest: {},
  };
}

// An update of `media.encryption` also sets the older field.
function withMedia<T extends InboundTrunk | DispatchRule>(owner: T, set: MediaChange): T {
  const { media } = owner.rest;
  return {
    ...owner,
    rest: {
      ...owner.rest,
      media: { ...(typeof media === 'object' && media), ...set },
      ...(set.encryption && { media_encryption: set.encryption }),
    },
  };
}
