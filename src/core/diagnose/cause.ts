import type { Fix, Runbook } from '../fixes/fix.ts';
import type { Example } from './causeExample.ts';
import type { FactName, Facts } from './facts/facts.ts';

/** The owner of a problem. */
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

/** `certain`: the evidence rules out every other cause. */
export const CONFIDENCES = ['certain', 'likely', 'possible'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** The stage at which a cause stops a call. Several causes are shown in this order. */
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
  'after_answer',
  'unknown',
] as const;
export type Stage = (typeof STAGES)[number];

/** The sources of evidence. */
export const EVIDENCE_SOURCES = ['jambonz', 'livekit', 'agent', 'match', 'settings', 'neighbours'] as const;

/** One piece of evidence: what it is, its value, and where it comes from. */
export interface Evidence {
  readonly name: string;
  readonly value: string;
  readonly source: (typeof EVIDENCE_SOURCES)[number];
}

/** A rule's statement about an attempt. */
export interface Claim {
  /**
   * `blocking`: the cause stops the call. `latent`: it is a next blocker, or may hide in an unknown field.
   * `alternative`: the evidence can't exclude it.
   */
  readonly standing: 'blocking' | 'latent' | 'alternative';
  /**
   * `observed`: this call's own responses show it. `configured`: LiveKit's configuration shows it, whether or not the
   * call got that far.
   */
  readonly basis: 'observed' | 'configured';
  readonly confidence: Confidence;
  /** The owner in this call, if it isn't the cause's first one: one of the cause's `otherParties`. */
  readonly party?: Party;
  /** The claim rests on LiveKit's webhooks for this call, so it does not depend on LiveKit's configuration. */
  readonly saidByLiveKit?: true;
  /** It stops the call on every trunk, so it doesn't matter which one was called. */
  readonly onEveryTrunk?: true;
  readonly evidence: readonly Evidence[];
  readonly fixes?: readonly Fix[];
}

/** A cause as declared in its file: its name, its rule, and its texts. */
export interface CauseDefinition<Id extends string, Needs extends FactName> {
  /** Public: a label value, a file name in the docs, a key in alerts. */
  readonly id: Id;
  /** One line, as in "the call failed because …". */
  readonly title: string;
  readonly party: Party;
  /** Who else may be the owner, if that differs from call to call. */
  readonly otherParties?: readonly Party[];
  readonly stage: Stage;
  /** It may also be why an answered call was dropped. Causes of the stage `after_answer` are nothing else. */
  readonly alsoAfterAnswer?: true;
  /** An answered call goes on in spite of it, so the outcome stays `connected`. */
  readonly callGoesOn?: true;
  /** A general cause: it is dropped where a cause that says more stops the call. */
  readonly fallback?: true;
  readonly runbook: Runbook;
  /** What to do, in one sentence. */
  readonly fix: string;
  /** When each level applies, in one or two sentences; a level that is absent here never applies. */
  readonly confidence: Readonly<Partial<Record<Confidence, string>>>;
  readonly needs: readonly Needs[];
  match(facts: Pick<Facts, Needs>): Claim | undefined;
  /** Calls with this headline, and at least one similar call with another. They run as tests. */
  readonly examples: readonly Example[];
}

/** A cause whose rule sees only the facts that it needs. Everything that mentions a cause derives from it. */
export interface Cause<Id extends string = string> extends Omit<CauseDefinition<Id, FactName>, 'match'> {
  judge(facts: Facts): Claim | undefined;
}

/** Whether a cause may be why an answered call was dropped, or ended. */
export function dropsAnswered({ stage, alsoAfterAnswer }: Pick<Cause, 'stage' | 'alsoAfterAnswer'>): boolean {
  return stage === 'after_answer' || alsoAfterAnswer === true;
}

/** Every owner that a cause may have, the usual one first. */
export function partiesOf({ party, otherParties = [] }: Pick<Cause, 'party' | 'otherParties'>): readonly Party[] {
  return [party, ...otherParties];
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
