import { asksForPassword, isOpenToAll } from '../fixes/exposures.ts';
import { ruleName, trunkName } from '../fixes/fix.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';

/** Something in a configuration that lets in calls which used to be kept out. */
export interface Hole {
  /** The same for the same hole in each version. */
  readonly id: string;
  /** The trunk's id; `none` for a rule. */
  readonly trunk: string;
  /** The id of the trunk or of the rule. */
  readonly of: string;
  /** In one sentence. */
  readonly what: string;
}

/** How many trunks and rules are examined in one step. */
const STEP = 500;

/** The holes that a change opened. A hole that was there before is the audit's subject. In short steps. */
export function* openedHoles(before: Snapshot, after: Snapshot): Generator<void, Hole[]> {
  const opened: Hole[] = [];
  let examined = 0;
  for (const trunk of after.trunks) {
    const old = before.trunksById.get(trunk.sip_trunk_id);
    if (old !== trunk) opened.push(...newHolesOf(holesOfTrunk(old), holesOfTrunk(trunk), old !== undefined));
    if (++examined % STEP === 0) yield;
  }
  for (const rule of after.rules) {
    const [old] = before.rulesWithId(rule.sip_dispatch_rule_id);
    if (old !== rule) opened.push(...newHolesOf(holesOfRule(old), holesOfRule(rule), old !== undefined));
    if (++examined % STEP === 0) yield;
  }
  return opened;
}

/** Whether a hole is still there. */
export function isStillOpen({ id, of }: Pick<Hole, 'id' | 'of'>, snapshot: Snapshot): boolean {
  const trunk = snapshot.trunksById.get(of);
  const holes = [...holesOfTrunk(trunk), ...snapshot.rulesWithId(of).flatMap(holesOfRule)];
  return holes.some((hole) => hole.id === id);
}

interface Found extends Hole {
  /** Whether it is also a hole in a trunk or rule that was just added. */
  readonly isOneFromTheStart: boolean;
}

function newHolesOf(had: readonly Found[], has: readonly Found[], existed: boolean): Hole[] {
  const known = new Set(had.map(({ id }) => id));
  const opened = has.filter(({ id, isOneFromTheStart }) => !known.has(id) && (existed || isOneFromTheStart)).map(plain);
  // A trunk that is open to all has every narrower hole too.
  const widest = opened.find(({ id }) => id.startsWith('open '));
  return widest ? [widest] : opened;
}

function plain({ isOneFromTheStart: _, ...hole }: Found): Hole {
  return hole;
}

function holesOfTrunk(trunk: InboundTrunk | undefined): Found[] {
  if (!trunk) return [];
  const { sip_trunk_id: of } = trunk;
  const name = trunkName(trunk);
  const hole = (kind: string, what: string, isOneFromTheStart = false): Found => ({
    id: `${kind} ${of}`,
    trunk: of,
    of,
    what,
    isOneFromTheStart,
  });
  return [
    ...(isOpenToAll(trunk) ? [hole('open', `${name} accepts calls from every address without a password.`, true)] : []),
    ...(asksForPassword(trunk) ? [] : [hole('no_password', `${name} no longer asks for a password.`)]),
    ...(trunk.allowed_numbers.length === 0 ? [hole('every_caller', `${name} accepts every caller.`)] : []),
    ...(trunk.numbers.length === 0 ? [hole('every_number', `${name} accepts every called number.`)] : []),
    ...(trunk.allowed_addresses.length === 0
      ? [hole('every_address', `${name} accepts calls from every address.`)]
      : []),
  ];
}

function holesOfRule(rule: DispatchRule | undefined): Found[] {
  if (!rule) return [];
  const { sip_dispatch_rule_id: of } = rule;
  const hole = (kind: string, what: string, isOneFromTheStart = false): Found => ({
    id: `${kind} ${of}`,
    trunk: 'none',
    of,
    what,
    isOneFromTheStart,
  });
  return [
    ...(rule.trunk_ids.length === 0
      ? [
          hole(
            'wildcard',
            `${ruleName(rule)} also accepts calls that no trunk matched, past every address list and password.`,
            true,
          ),
        ]
      : []),
    ...(rule.pin === '' ? [hole('no_pin', `${ruleName(rule)} no longer asks for a pin.`)] : []),
    ...(rule.inbound_numbers.length === 0
      ? [hole('rule_every_caller', `${ruleName(rule)} accepts every caller that its trunk admits.`)]
      : []),
  ];
}
