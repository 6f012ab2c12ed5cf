import { normaliseNumber } from '../trunks/number.ts';
import type { DispatchRule, InboundTrunk, Snapshot } from '../trunks/snapshot.ts';
import { applyChanges } from './apply.ts';
import { exposures, leftOpen } from './exposures.ts';
import { type Change, inWords, ruleName, trunkName } from './fix.ts';
import { isSamePlace, type Landing, landingOf } from './landing.ts';
import { areListsLong, type Class, type Deciding, type Sender, sampleCalls } from './sampleCalls.ts';

/** What a change of the configuration does to everyone, judged by matching and not by recent calls. */
export interface Consequences {
  /** Who gets in today, and would no longer, or would land elsewhere; in sentences. */
  readonly locksOut: readonly string[];
  /** What it opens to more callers; in words. */
  readonly opens: readonly string[];
  /** Whether it takes calls off a trunk with a password or an address list, and leaves them to one with neither. */
  readonly leavesOpen: boolean;
  /** Whether the configuration is too large to try every kind of call. */
  readonly isPartial: boolean;
}

/** Above this many trunks or rules, the consequences of a change are not known. */
const MOST_TRUNKS = 200;
const MOST_RULES = 200;
const MOST_NUMBERS = 200;

const NONE: Consequences = { locksOut: [], opens: [], leavesOpen: false, isPartial: false };

/** A change of the dial, or of media settings, takes no trunk or rule from anyone. */
export function consequencesOf(change: Change, snapshot: Snapshot, strictAddresses: boolean): Consequences {
  if (change.kind === 'dial' || change.kind === 'media') return NONE;
  const owned = trunksAffected(change, snapshot);
  if (owned.length > MOST_TRUNKS) {
    const none = snapshot.with({ trunks: [] });
    return { ...NONE, opens: exposures(none, applyChanges(none, [change])), isPartial: true };
  }
  const trunksAfter = applyChanges(snapshot.with({ trunks: owned }), [change]).trunks;
  const all = [...new Set([...named(change), ...[...owned, ...trunksAfter].flatMap((trunk) => trunk.numbers)])];
  const numbers = all.slice(0, MOST_NUMBERS);
  const found = snapshot.trunkIndex.accepting(numbers, MOST_TRUNKS);
  const before = snapshot.with({ trunks: [...new Set([...(found ?? []), ...owned])] });
  const after = applyChanges(before, [change]);
  const opens = exposures(before, after);
  const leavesOpen = leftOpen(before, after).length > 0;
  const rules = new Set([...rulesInReach(before), ...rulesInReach(after)]);
  const deciding: Deciding = { trunks: [...new Set([...before.trunks, ...after.trunks])], rules: [...rules] };
  if (!found || rules.size > MOST_RULES || areListsLong(deciding))
    return { locksOut: [], opens, leavesOpen, isPartial: true };
  const takesAny = [...owned, ...trunksAfter].some((trunk) => trunk.numbers.length === 0);
  const samples = sampleCalls(deciding, numbers, takesAny, strictAddresses);
  const tried = samples.called.flatMap(tryCallsTo);
  const isPartial = samples.isPartial || all.length > numbers.length;
  return { locksOut: merged(lossesAmong(tried)), opens, leavesOpen, isPartial };

  function tryCallsTo(called: Class<string>): Tried[] {
    return samples.callers.flatMap((caller) =>
      samples.senders.map((sender): Tried => {
        const call = { called: called.value, caller: caller.value, ...sender.value };
        return {
          called,
          caller,
          sender,
          before: landingOf(before, call, strictAddresses),
          after: landingOf(after, call, strictAddresses),
        };
      }),
    );
  }
}

/** The trunks whose calls a change may affect. */
function trunksAffected(change: Change, snapshot: Snapshot): readonly InboundTrunk[] {
  const withId = (id: string) => snapshot.trunksById.get(id) ?? [];
  switch (change.kind) {
    case 'trunk':
    case 'delete_trunk':
      return [withId(change.sip_trunk_id)].flat();
    case 'new_rule':
      return change.trunk_ids.flatMap(withId);
    case 'rule':
    case 'delete_rule': {
      const rules = snapshot.rulesWithId(change.sip_dispatch_rule_id);
      const lists = change.kind === 'rule' ? change.lists : {};
      const trunks = rules.flatMap((rule) => [...snapshot.trunksOf(rule), ...snapshot.trunksOf({ ...rule, ...lists })]);
      return [...new Set(trunks)];
    }
    default:
      return [];
  }
}

/** The called numbers that a change names. They are tried first. */
function named(change: Change): readonly string[] {
  return change.kind === 'trunk' && change.field === 'numbers' ? [...(change.remove ?? []), ...(change.add ?? [])] : [];
}

function rulesInReach({ trunks, ruleIndex }: Snapshot): ReadonlySet<DispatchRule> {
  const rules = new Set<DispatchRule>();
  for (const { sip_trunk_id } of trunks) {
    for (const rule of ruleIndex.inReachOf(sip_trunk_id)) {
      rules.add(rule);
      if (rules.size > MOST_RULES) return rules;
    }
  }
  return rules;
}

interface Tried {
  readonly called: Class<string>;
  readonly caller: Class<string>;
  readonly sender: Class<Sender>;
  readonly before: Landing;
  readonly after: Landing;
}

/** Some values: those listed, or all others. */
interface Part {
  readonly isOthers: boolean;
  readonly names: readonly string[];
}

/** Calls to one kind of number that a change takes away, or leads elsewhere. */
interface Loss {
  readonly called: Class<string>;
  readonly callers: Part;
  readonly senders: Part;
  /** Where they land instead; `undefined` if nowhere. */
  readonly instead: string | undefined;
}

function lossesAmong(tried: readonly Tried[]): Loss[] {
  const lost = tried.filter(
    (one) => one.before.kind === 'admitted' && !isSamePlace(one.before, one.after) && !isInAnotherForm(one, tried),
  );
  const numbers = Map.groupBy(lost, ({ called, after }) => JSON.stringify([called.value, placeOf(after)]));
  return [...numbers.values()].flatMap((losses) => {
    const called = losses[0]?.called;
    const instead = losses[0] && placeOf(losses[0].after);
    if (!called) return [];
    const all = tried.filter((one) => one.called === called);
    const losing = [...new Set(losses.map(({ caller }) => caller))].map((caller) => {
      const lostFrom = losses.filter((one) => one.caller === caller).map(({ sender }) => sender);
      return {
        caller,
        senders: partOf(
          lostFrom,
          all.map(({ sender }) => sender),
        ),
      };
    });
    return [...Map.groupBy(losing, ({ senders }) => JSON.stringify(senders)).values()].flatMap((alike): Loss[] => {
      const callers = partOf(
        alike.map(({ caller }) => caller),
        all.map(({ caller }) => caller),
      );
      return alike[0] ? [{ called, instead, callers, senders: alike[0].senders }] : [];
    });
  });
}

function placeOf(landing: Landing): string | undefined {
  return landing.kind === 'admitted' ? `${trunkName(landing.trunk)} with ${ruleName(landing.rule)}` : undefined;
}

/** Whether the same caller gets in to the same number, with another form of one of them: calls carry only one form. */
function isInAnotherForm({ called, caller, sender }: Tried, tried: readonly Tried[]): boolean {
  return tried.some(
    (other) =>
      other.after.kind === 'admitted' &&
      other.sender === sender &&
      (other.called !== called || other.caller !== caller) &&
      areForms(called, other.called) &&
      areForms(caller, other.caller),
  );
}

function areForms(one: Class<string>, other: Class<string>): boolean {
  if (one === other) return true;
  if (!one.names || !other.names) return false;
  const known = new Set(other.names.map(normaliseNumber));
  return one.names.every((name) => known.has(normaliseNumber(name)));
}

function partOf(some: readonly Class<unknown>[], all: readonly Class<unknown>[]): Part {
  const namesOf = (classes: readonly Class<unknown>[]) => [...new Set(classes.flatMap(({ names }) => names ?? []))];
  const isOthers = some.some(({ names }) => names === undefined);
  return { isOthers, names: namesOf(isOthers ? all.filter((one) => !some.includes(one)) : some) };
}

/** One sentence for all numbers that lose the same calls. */
function merged(losses: readonly Loss[]): string[] {
  const alike = Map.groupBy(losses, ({ callers, senders, instead }) =>
    JSON.stringify([callers, senders, instead ?? 0]),
  );
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const names = group.flatMap(({ called }) => called.names ?? ['numbers that no trunk lists']);
    return [sentence(first, inWords([...new Set(names)]))];
  });
}

function sentence({ callers, senders, instead }: Loss, numbers: string): string {
  const who = callersInWords(callers);
  const from = isAll(senders)
    ? ''
    : ` from ${senders.isOthers ? 'addresses other than ' : ''}${inWords(senders.names)}`;
  if (instead !== undefined) {
    return `Calls to ${numbers}${from} would go to ${instead} instead${who === undefined ? '' : `, for ${who}`}.`;
  }
  if (who === undefined) return `No caller could reach ${numbers}${from} any more.`;
  return `${who.replace(/^./, (letter) => letter.toUpperCase())} could no longer reach ${numbers}${from}.`;
}

/** `undefined` for all callers. */
function callersInWords(callers: Part): string | undefined {
  if (isAll(callers)) return undefined;
  const names = inWords(callers.names);
  if (callers.isOthers) return `callers other than ${names}`;
  return callers.names.length === 1 ? `the caller ${names}` : `the callers ${names}`;
}

function isAll({ isOthers, names }: Part): boolean {
  return isOthers && names.length === 0;
}
