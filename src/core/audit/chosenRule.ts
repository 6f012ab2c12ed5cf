import { matchDispatch } from '../trunks/match/dispatch.ts';
import type { DispatchRule } from '../trunks/snapshot.ts';

/** A caller or a called number as written; `undefined` for one that no rule lists. */
export type ListedOrNot = string | undefined;

/** Which of a trunk's rules with one pin LiveKit chooses, without comparing each of them with each call. */
export class ChosenRule {
  readonly #trunkId: string;
  readonly #pin: string;
  readonly #rules: readonly DispatchRule[];
  readonly #byPlace = new Map<string, DispatchRule>();

  /** `rules` are bound to the trunk, have this pin, and do not conflict. */
  constructor(trunkId: string, pin: string, rules: readonly DispatchRule[]) {
    this.#trunkId = trunkId;
    this.#pin = pin;
    this.#rules = rules;
    for (const rule of rules) {
      for (const caller of rule.inbound_numbers.length > 0 ? rule.inbound_numbers : [undefined]) {
        for (const called of rule.numbers.length > 0 ? rule.numbers : [undefined]) {
          this.#byPlace.set(place(caller, called), rule);
        }
      }
    }
  }

  /** The rule that takes a call; `undefined` when none does. Numbers are compared as written. */
  of(caller: ListedOrNot, called: ListedOrNot): DispatchRule | undefined {
    const candidates: { readonly rule: DispatchRule; readonly cutDown: DispatchRule }[] = [];
    for (const from of new Set([caller, undefined])) {
      for (const to of new Set([called, undefined])) {
        const rule = this.#byPlace.get(place(from, to));
        // Lists are cut down to this call: the order of rules depends only on whether there is a list.
        if (rule) candidates.push({ rule, cutDown: { ...rule, inbound_numbers: listOf(from), numbers: listOf(to) } });
      }
    }
    // Between rules with one priority and one room, the first in LiveKit's own order stays.
    candidates.sort((a, b) => this.#rules.indexOf(a.rule) - this.#rules.indexOf(b.rule));
    const call = { from_user: caller ?? '', to_user: called ?? '', pin: this.#pin, no_pin: false };
    const inOrder = candidates.map(({ cutDown }) => cutDown);
    const match = matchDispatch(inOrder, this.#trunkId, call);
    return match.ok ? candidates[inOrder.indexOf(match.rule)]?.rule : undefined;
  }
}

function place(caller: ListedOrNot, called: ListedOrNot): string {
  return JSON.stringify([caller, called]);
}

function listOf(number: ListedOrNot): string[] {
  return number === undefined ? [] : [number];
}
