import type { DispatchRule, Snapshot } from '../core/trunks/snapshot.ts';

/**
 * Puts a stand-in for each pin, so that a configuration can be kept without its secrets: the same for the same pin,
 * since LiveKit compares the pins of rules with each other.
 */
export class Pins {
  readonly #standIns = new Map<string, string>();
  #last = 0;

  /**
   * Takes over the stand-ins of an earlier process. Whether a pin was changed meanwhile cannot be known, so a rule's pin
   * is held to be the one that it had.
   */
  adopt(kept: Snapshot, read: Snapshot): void {
    const earlier = new Map(kept.rules.map((rule) => [rule.sip_dispatch_rule_id, rule.pin]));
    const taken = new Set(this.#standIns.values());
    for (const standIn of earlier.values()) this.#last = Math.max(this.#last, numberOf(standIn));
    for (const { sip_dispatch_rule_id, pin } of read.rules) {
      const standIn = earlier.get(sip_dispatch_rule_id);
      if (pin === '' || !standIn || taken.has(standIn) || this.#standIns.has(pin)) continue;
      this.#standIns.set(pin, standIn);
      taken.add(standIn);
    }
  }

  /** The configuration with its pins replaced. */
  hide(snapshot: Snapshot): Snapshot {
    const { rules } = snapshot;
    if (rules.every(({ pin }) => pin === '')) return snapshot;
    return snapshot.with({ rules: rules.map((rule) => this.#hideIn(rule)) });
  }

  #hideIn(rule: DispatchRule): DispatchRule {
    if (rule.pin === '') return rule;
    let standIn = this.#standIns.get(rule.pin);
    if (standIn === undefined) {
      this.#last += 1;
      standIn = `<pin ${this.#last}>`;
      this.#standIns.set(rule.pin, standIn);
    }
    return { ...rule, pin: standIn };
  }
}

function numberOf(standIn: string): number {
  return Number(/^<pin (\d+)>$/.exec(standIn)?.[1] ?? 0);
}
