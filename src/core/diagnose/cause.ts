import type { Fix } from '../fixes/fix.ts';
import type { Example } from './causeExample.ts';
import type { FactName, Facts } from './facts/facts.ts';

/** Who must act. */
export type Party =
  | 'application'
  | 'livekit_config'
  | 'livekit'
  | 'agent'
  | 'media'
  | 'jambonz'
  | 'network'
  | 'carrier'
  | 'nobody'
  | 'unknown';

/** `certain`: the evidence leaves no other cause. */
export const CONFIDENCES = ['certain', 'likely', 'possible'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** Where on its way a call is stopped by a cause. Several causes are shown in this order. */
export const STAGES = [
  'jambonz',
  'host',
  'network',
  'backend',
  'trunk',
  'called',
  'source',
  'caller',
  'conflict',
  'auth',
  'dispatch',
  'media',
  'room',
  'agent',
  'callee',
  'unknown',
] as const;
export type Stage = (typeof STAGES)[number];

/** Where evidence comes from. */
export const EVIDENCE_SOURCES = ['jambonz', 'livekit', 'match', 'settings', 'neighbours'] as const;

/** One piece of evidence: what it is, its value, and where it comes from. */
export interface Evidence {
  readonly name: string;
  readonly value: string;
  readonly source: (typeof EVIDENCE_SOURCES)[number];
}

/** What a rule says of an attempt. */
export interface Claim {
  /**
   * `blocking`: it stops the call. `latent`: it would stop it next, or may be there in what is not known.
   * `alternative`: the evidence cannot exclude it.
   */
  readonly standing: 'blocking' | 'latent' | 'alternative';
  /**
   * `observed`: this call's own responses show it. `configured`: LiveKit's configuration shows it, whether or not the
   * call got that far.
   */
  readonly basis: 'observed' | 'configured';
  readonly confidence: Confidence;
  /** It rests on what LiveKit's webhooks say of this very call, whatever is known of LiveKit's configuration. */
  readonly saidByLiveKit?: true;
  /** It stops the call on every trunk, so it doesn't matter which one was called. */
  readonly onEveryTrunk?: true;
  readonly evidence: readonly Evidence[];
  readonly fixes?: readonly Fix[];
}

/** For whoever is woken by it, in Markdown; the meaning is plain text, which the page shows as well. */
export interface Runbook {
  /** What it means, in two or three sentences. */
  readonly meaning: string;
  /** Which calls are concerned, and what callers notice. */
  readonly impact: string;
  readonly diagnosis: readonly string[];
  /** The last step says how one sees that it worked. */
  readonly mitigation: readonly string[];
}

/** A cause as it is written down: its name, its rule, and what is said about it. */
export interface CauseDefinition<Id extends string, Needs extends FactName> {
  /** Public: a label value, a file name in the docs, a key in alerts. */
  readonly id: Id;
  /** One line, as in "the call failed because …". */
  readonly title: string;
  readonly party: Party;
  readonly stage: Stage;
  /** A general cause: it is dropped where a cause that says more stops the call. */
  readonly fallback?: true;
  readonly runbook: Runbook;
  /** What to do, in one sentence. */
  readonly fix: string;
  /** When each level is given, in one sentence; a level that is not here is never given. */
  readonly confidence: Readonly<Partial<Record<Confidence, string>>>;
  readonly needs: readonly Needs[];
  match(facts: Pick<Facts, Needs>): Claim | undefined;
  /** Calls with this headline, and at least one that nearly has it. They run as tests. */
  readonly examples: readonly Example[];
}

/** A cause with its rule closed over the facts that it may see. Everything that speaks of a cause derives from it. */
export interface Cause<Id extends string = string> extends Omit<CauseDefinition<Id, FactName>, 'match'> {
  judge(facts: Facts): Claim | undefined;
}

/** Declares a cause; its rule sees only the facts that it needs. */
export function defineCause<const Id extends string, const Needs extends FactName>(
  definition: CauseDefinition<Id, Needs>,
): Cause<Id> {
  const { match: _, ...rest } = definition;
  return {
    ...rest,
    judge(facts) {
      const needed = Object.fromEntries(definition.needs.map((name) => [name, facts[name]]));
      // The cast is what `needs` promises.
      return definition.match(needed as Pick<Facts, Needs>);
    },
  };
}
