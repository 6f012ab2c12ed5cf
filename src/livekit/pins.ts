import type { DispatchRule, Snapshot } from '../core/trunks/snapshot.ts';

/**
 * Replaces each pin by a stand-in, so that a configuration can be stored without secrets. Equal pins get equal stand-ins,
 * because LiveKit compares the pins of rules.
 */
export class Pins {
  readonly #standIns = new Map<string, string>();
  #last = 0;

  /**
   * Restores the stand-ins of an earlier process. A pin may have changed meanwhile, which cannot be known, so each rule
   * is assumed to have its earlier pin.
   */
  restore(kept: Snapshot, read: Snapshot): void {
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

  /** Returns the configuration with its pins replaced. */
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
