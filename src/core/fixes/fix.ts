import type { Codec, Encryption } from '../trunks/media.ts';
import type { DispatchRule, InboundTrunk } from '../trunks/snapshot.ts';

/** Something to paste. Its label is short, because the page shows it as a tab. */
export interface Paste {
  readonly label: string;
  readonly format: 'json' | 'shell';
  /** What the command runs. */
  readonly tool?: 'lk' | 'curl';
  readonly text: string;
}

/** The lists of a trunk, and those of a dispatch rule. */
export type TrunkList = 'numbers' | 'allowed_addresses' | 'allowed_numbers';
export type RuleList = 'trunk_ids' | 'inbound_numbers' | 'numbers';

/** Fields of `media`, as LiveKit's API names them. */
export interface MediaChange {
  readonly encryption?: Encryption;
  readonly only_listed_codecs?: boolean;
  readonly codecs?: readonly Codec[];
}

/** What a fix changes, so that it can be tried on a copy of the configuration and of the call. */
export type Change =
  /** What the application dials; `host` may be a placeholder for what only a person knows. */
  | {
      readonly kind: 'dial';
      readonly host?: string;
      readonly user?: string;
      readonly username?: string;
      readonly srtp?: true;
    }
  /** Media settings of a trunk, of a rule, or of both. */
  | {
      readonly kind: 'media';
      readonly trunk_ids: readonly string[];
      readonly rule_ids: readonly string[];
      readonly set: MediaChange;
    }
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

/** For the person on call, in Markdown. The meaning is plain text, because the page shows it without Markdown. */
export interface Runbook {
  /** What the cause means, in two or three sentences. */
  readonly meaning: string;
  /** Which calls are affected, and what callers notice. */
  readonly impact: string;
  readonly diagnosis: readonly string[];
  /** The last step says how to verify that it worked. */
  readonly mitigation: readonly string[];
}

/** Every placeholder holds a space: `<the pin of the rule>`. No id, number or SIP URI does. */
const PLACEHOLDER = /<[^<>\s]+ [^<>\n]+>/;
const FILL_IN = ' (fill in each <…> first)';

/** Whether a text to paste has no placeholder. */
export function isComplete(text: string): boolean {
  return !PLACEHOLDER.test(text);
}

/** Something to paste. If it has placeholders, its label says to fill them in, because they would be sent as values. */
export function pasteOf(paste: Paste): Paste {
  const { label, text } = paste;
  const isLabelled = label.endsWith(FILL_IN) || isComplete(text);
  return isLabelled ? paste : { ...paste, label: `${label}${FILL_IN}` };
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

/** A change of what the application dials. The paste is made from all such changes of a call together. */
export function dialFix(change: Omit<Extract<Change, { kind: 'dial' }>, 'kind'>, action: string): Fix {
  return { action, pastes: [], change: { kind: 'dial', ...change } };
}

/** Sentences cut longer lists. */
const WORDS_SHOWN = 20;

/** A list as part of a sentence. */
export function inWords(values: readonly string[]): string {
  const more = values.length - WORDS_SHOWN;
  return more > 0 ? `${values.slice(0, WORDS_SHOWN).join(', ')} and ${more} more` : values.join(', ');
}

/** Nobody pastes longer lists, and thousands of calls would store them. */
const MOST_ENTRIES = 100;

/** Whether lists are too long to print in a fix or to store with it. */
export function areTooLong(...lists: readonly (readonly unknown[] | undefined)[]): boolean {
  return lists.some((list) => list !== undefined && list.length > MOST_ENTRIES);
}

/** A trunk by its id, and its name where it has one. */
export function trunkName(trunk: InboundTrunk): string {
  return trunk.name === '' ? trunk.sip_trunk_id : `${trunk.sip_trunk_id} "${trunk.name}"`;
}

/** A dispatch rule by its id, and its name where it has one. */
export function ruleName(rule: DispatchRule): string {
  return rule.name === '' ? rule.sip_dispatch_rule_id : `${rule.sip_dispatch_rule_id} "${rule.name}"`;
}
