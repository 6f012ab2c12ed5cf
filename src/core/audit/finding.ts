import type { Fix, Runbook } from '../fixes/fix.ts';
import type { Snapshot } from '../trunks/snapshot.ts';

/** `critical`: calls fail, or strangers get in, as configured now. `warning`: some will. `info`: worth knowing. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What an audit knows besides LiveKit's configuration. */
export interface AuditContext {
  /** Addresses that Jambonz's SBCs send from; empty when none is configured. */
  readonly sbcAddresses: readonly string[];
  /** Whether LiveKit compares source addresses strictly. */
  readonly strictAddresses: boolean;
}

/** One place of a configuration that has a finding. */
export interface Hit {
  /** Affected trunks, the one to change first; empty when only rules are affected. */
  readonly trunks: readonly string[];
  /** Affected dispatch rules; empty when only trunks are affected. */
  readonly rules: readonly string[];
  /** How many places this stands for, where they are too many to list each; 1 when not given. */
  readonly count?: number;
  /** Called only for places that the audit lists. */
  describe(): Description;
}

/** What is said of one place of a configuration. */
export interface Description {
  /** One sentence or two with the values as configured; never a password or a pin. */
  readonly what: string;
  /** The least destructive one first. */
  readonly fixes: readonly Fix[];
}

/** Trunks and dispatch rules in LiveKit's own JSON, under their ids. A rule without a kind is individual. */
export interface ExampleConfiguration extends Partial<AuditContext> {
  readonly trunks?: Readonly<Record<string, object>>;
  readonly rules?: Readonly<Record<string, object>>;
}

/**
 * A configuration that has the finding once, or nearly has it. Data only: the documentation shows it, and
 * test/core/audit/findings.test.ts audits it.
 */
export interface FindingExample {
  /** The case, as in "a username and no password". */
  readonly shows: string;
  readonly configuration: ExampleConfiguration;
  /** What the audit says of it; left out where the configuration does not have the finding. */
  readonly want?: Pick<Description, 'what'> & { readonly trunk: string };
}

/** A finding as it is written down: its name, its rule, and what is said about it. */
export interface FindingDefinition<Id extends string = string> {
  /** Public: a label value, a key in the API, a file name in the docs. */
  readonly id: Id;
  readonly severity: Severity;
  /** One line, as in "the audit found that …". */
  readonly title: string;
  readonly runbook: Runbook;
  /** What to do, in one sentence. */
  readonly fix: string;
  /** Yields nothing where the configuration does not have it; `undefined` only lets other work run. */
  find(snapshot: Snapshot, context: AuditContext): Iterable<Hit | undefined>;
  /** Configurations that have it, and at least one that nearly has it. They run as tests. */
  readonly examples: readonly FindingExample[];
}

/** Declares a finding. */
export function defineFinding<const Id extends string>(definition: FindingDefinition<Id>): FindingDefinition<Id> {
  return definition;
}

/** The page of a finding, for a reader who has no checkout. */
export function pageOf(id: string): string {
  return `https://github.com/sipwhy/sipwhy/blob/main/docs/findings/${id}.md`;
}
