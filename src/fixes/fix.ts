/** Something to paste. */
export interface Paste {
  readonly label: string;
  readonly format: 'json' | 'shell';
  readonly text: string;
}

/** The lists of a trunk, and those of a dispatch rule. */
export type TrunkList = 'numbers' | 'allowed_addresses' | 'allowed_numbers';
export type RuleList = 'trunk_ids' | 'inbound_numbers' | 'numbers';

/** What a fix changes, so that it can be tried on a copy of the configuration and of the call. */
export type Change =
  /** What the application dials; `host` may be a placeholder for what only a person knows. */
  | { readonly kind: 'dial'; readonly host?: string; readonly user?: string; readonly username?: string }
  | {
      readonly kind: 'trunk';
      readonly sip_trunk_id: string;
      readonly field: TrunkList;
      readonly add?: readonly string[];
      readonly remove?: readonly string[];
    }
  /** With a dispatch rule of its own. */
  | { readonly kind: 'new_trunk'; readonly numbers: readonly string[]; readonly allowed_addresses: readonly string[] }
  | { readonly kind: 'delete_trunk'; readonly sip_trunk_id: string }
  | {
      readonly kind: 'rule';
      readonly sip_dispatch_rule_id: string;
      readonly lists: { readonly [List in RuleList]?: readonly string[] };
    }
  | { readonly kind: 'new_rule'; readonly trunk_ids: readonly string[] }
  | { readonly kind: 'delete_rule'; readonly sip_dispatch_rule_id: string };

/** A change that would make the call connect, as far as this cause is concerned. */
export interface Fix {
  /** What to do, in one sentence with this call's values. */
  readonly action: string;
  readonly pastes: readonly Paste[];
  readonly change?: Change;
}

/** A change for which there is nothing to paste. */
export function plainFix(action: string): Fix {
  return { action, pastes: [] };
}

/** JSON to read and to paste: indented, lists of plain values on one line. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(
    /\[\n\s+([^[\]{}]*?)\n\s+\]/g,
    (_, items: string) => `[${items.replace(/\n\s+/g, ' ')}]`,
  );
}

/** Text as one word of a shell. */
export function shellQuote(text: string): string {
  return /^[\w.+@:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
