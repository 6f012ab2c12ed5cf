import type { Fix } from '../fixes/fix.ts';
import type { Snapshot } from '../trunks/snapshot.ts';

/** `critical`: calls fail, or strangers get in, as configured now. `warning`: some will. `info`: worth knowing. */
export const SEVERITIES = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What an audit knows beside LiveKit's configuration. */
export interface AuditContext {
  /** Addresses that Jambonz's SBCs send from; empty when none is configured. */
  readonly sbcAddresses: readonly string[];
  /** Whether LiveKit compares source addresses strictly. */
  readonly strictAddresses: boolean;
}

/** One place of a configuration that has a finding. */
export interface Hit {
  /** Trunks concerned, the one to change first; empty when only rules are. */
  readonly trunks: readonly string[];
  /** Dispatch rules concerned; empty when only trunks are. */
  readonly rules: readonly string[];
  /** One sentence or two with the values as configured; never a password or a pin. */
  readonly what: string;
  readonly fixes: readonly Fix[];
  /** How many places this stands for, where they are too many to list each; 1 when not given. */
  readonly count?: number;
}

/** A finding as it is written down: its name, its rule, and what is said about it. */
export interface FindingDefinition<Id extends string = string> {
  /** Public: a label value, a key in the API and in the docs. */
  readonly id: Id;
  readonly severity: Severity;
  /** One line, as in "the audit found: …". */
  readonly title: string;
  /** Why it matters, in two or three sentences. */
  readonly why: string;
  /** What to do, in one sentence. */
  readonly fix: string;
  /** Yields nothing where the configuration does not have it. */
  find(snapshot: Snapshot, context: AuditContext): Iterable<Hit>;
}

/** Declares a finding. */
export function defineFinding<const Id extends string>(definition: FindingDefinition<Id>): FindingDefinition<Id> {
  return definition;
}
