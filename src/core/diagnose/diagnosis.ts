import type { FindingId } from '../audit/findings.ts';
import type { Fix } from '../fixes/fix.ts';
import type { ProvenFix } from '../fixes/prove.ts';
import type { NamedChange } from './breakingChange.ts';
import type { Cause, Confidence, Evidence, Party } from './cause.ts';
import type { CauseId } from './causes.ts';
import type { CallEnd } from './facts/callEnd.ts';
import type { Deployment } from './facts/deployment.ts';
import type { Facts } from './facts/facts.ts';
import type { SlowWaits } from './facts/usualWaits.ts';

/**
 * How an attempt ended. `dropped`: it was answered, and then ended by a fault. `not_counted`: it failed, but nobody is at
 * fault.
 */
export const OUTCOMES = ['connected', 'failed', 'dropped', 'not_counted'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Who sent the final response, as far as the cause shows. Label values of `sipwhy_sip_responses_total`. */
export const ORIGINS = ['livekit', 'jambonz', 'sip_stack', 'far_end', 'unknown'] as const;
export type Origin = (typeof ORIGINS)[number];

/** Why one attempt ended as it did: the same content for text, JSON, the page and the metrics. */
export interface Diagnosis {
  readonly outcome: Outcome;
  /** The headline: the first of `blocking`; `undefined` if nothing is to be said of it. */
  readonly cause: CauseId | undefined;
  readonly party: Party | undefined;
  readonly confidence: Confidence | undefined;
  /** The best-supported causes, headline first. Each of them alone stops the call. */
  readonly blocking: readonly CauseId[];
  /** Next blockers, and causes that may hide in unknown fields. */
  readonly latent: readonly CauseId[];
  /** Causes that the evidence can't exclude. */
  readonly alternatives: readonly CauseId[];
  /** Ids of audit findings that this call ran into. */
  readonly findings: readonly FindingId[];
  /** One sentence. */
  readonly summary: string;
  readonly evidence: readonly (Evidence & { readonly cause: CauseId })[];
  /** A fix that can be tried is listed only if the call would then connect, as far as known. */
  readonly fixes: readonly ProvenFix<Fix & { readonly cause: CauseId }>[];
  /** Whether the dialled LiveKit is Cloud or self-hosted; `undefined` for a leg that isn't to LiveKit. */
  readonly deployment: Deployment | undefined;
  /** A change of LiveKit's configuration shortly before the failure. */
  readonly change?: NamedChange;
  /** The waits that were much longer than usual on this trunk; absent if there are none, or the usual ones are unknown. */
  readonly slow?: SlowWaits;
  /** What is unknown, and what would settle it. */
  readonly unknowns: readonly string[];
  /** The final response and who sent it; `undefined` if there was none. */
  readonly response:
    | { readonly status: number; readonly reason: string | undefined; readonly origin: Origin }
    | undefined;
  /** The trunk that the attempt is counted under: an id, `none`, or `unknown` without LiveKit's configuration. */
  readonly trunk: string;
  /** How an answered call ended; absent until that is settled. */
  readonly end?: CallEnd;
  /** Present if the agent reported that a transfer of the call succeeded. */
  readonly transferred?: true;
  /** Rules that threw; the others still ran. */
  readonly ruleErrors: readonly { readonly cause: CauseId; readonly message: string }[];
}

/** The owner of a problem, in words: as in "Owner: LiveKit config". */
export const PARTY_WORDS: Record<Party, string> = {
  application: 'application',
  livekit_config: 'LiveKit config',
  livekit: 'LiveKit',
  agent: 'agent',
  media: 'media settings',
  jambonz: 'Jambonz',
  network: 'network',
  carrier: 'carrier',
  nobody: 'nobody',
  unknown: 'unknown',
};

/**
 * The headline and every other blocking cause in one sentence, followed by the owner. A cause that is only possible is
 * not told as a fact.
 */
export function summarise(
  { target, ending }: Facts,
  headline: Cause,
  blocking: readonly Cause[],
  isOnlyPossible: boolean,
): string {
  const response = ending.kind === 'response' ? ` (${[ending.status, ending.reason].join(' ').trim()})` : '';
  const others = blocking.slice(1).map((cause) => `; ${isOnlyPossible ? 'or' : 'also'} ${cause.title}`);
  const perhaps = isOnlyPossible ? 'perhaps ' : '';
  const act = headline.party === 'nobody' ? '' : ` Owner: ${PARTY_WORDS[headline.party]}.`;
  return `The call${toWhom(target)} failed${response}: ${perhaps}${headline.title}${others.join('')}.${act}`;
}

export function toWhom(target: Facts['target']): string {
  switch (target.kind) {
    case 'livekit':
    case 'other':
      return ` to ${target.to}`;
    case 'own':
      return target.to === undefined ? '' : ` to ${target.to}`;
    case 'unknown':
      return '';
  }
}
