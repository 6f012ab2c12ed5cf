import type { FindingId } from '../audit/findings.ts';
import type { Fix } from '../fixes/fix.ts';
import type { NamedChange } from './breakingChange.ts';
import type { Cause, Confidence, Evidence, Party } from './cause.ts';
import type { CauseId } from './causes.ts';
import type { Deployment } from './facts/deployment.ts';
import type { Facts } from './facts/facts.ts';
import type { ProvenFix } from './prove.ts';

/** What became of an attempt. `not_counted`: it failed by nobody's fault. */
export const OUTCOMES = ['connected', 'failed', 'not_counted'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Who said the final response, as far as the cause tells. Label values of `sipwhy_sip_responses_total`. */
export const ORIGINS = ['livekit', 'jambonz', 'sip_stack', 'far_end', 'unknown'] as const;
export type Origin = (typeof ORIGINS)[number];

/** Why one attempt ended as it did: the same content for text, JSON, the page and the metrics. */
export interface Diagnosis {
  readonly outcome: Outcome;
  /** The headline: the first of `blocking`; `undefined` when the attempt connected. */
  readonly cause: CauseId | undefined;
  readonly party: Party | undefined;
  readonly confidence: Confidence | undefined;
  /** The best-supported set of causes that each stop the call, the headline first. */
  readonly blocking: readonly CauseId[];
  /** Causes that would stop it next, or that may be there in what is not known. */
  readonly latent: readonly CauseId[];
  /** Causes that the evidence cannot exclude. */
  readonly alternatives: readonly CauseId[];
  /** Ids of audit findings that this call ran into. */
  readonly findings: readonly FindingId[];
  /** One sentence. */
  readonly summary: string;
  readonly evidence: readonly (Evidence & { readonly cause: CauseId })[];
  /** Those that can be tried are here only if the call then connects, as far as is known. */
  readonly fixes: readonly ProvenFix<Fix & { readonly cause: CauseId }>[];
  /** How the LiveKit that the leg was for is run; `undefined` for a leg that is not LiveKit's. */
  readonly deployment: Deployment | undefined;
  /** The change of LiveKit's configuration that the failure followed, where one came shortly before. */
  readonly change?: NamedChange;
  /** What could not be known, and what would settle it. */
  readonly unknowns: readonly string[];
  /** The final response and who said it; `undefined` when there was none. */
  readonly response:
    | { readonly status: number; readonly reason: string | undefined; readonly origin: Origin }
    | undefined;
  /** The trunk that the attempt is counted under: an id, `none`, or `unknown` without LiveKit's configuration. */
  readonly trunk: string;
  /** Rules that threw; the others were still heard. */
  readonly ruleErrors: readonly { readonly cause: CauseId; readonly message: string }[];
}

/** Who must act, in words. */
export const PARTY_WORDS: Record<Party, string> = {
  application: 'the application that dials',
  livekit_config: 'whoever configures LiveKit’s trunks and rules',
  livekit: 'whoever runs LiveKit',
  agent: 'whoever runs the agent',
  media: 'whoever sets up codecs and encryption',
  jambonz: 'whoever runs Jambonz',
  network: 'whoever runs the network between Jambonz and the far end',
  carrier: 'the carrier',
  nobody: 'nobody',
  unknown: 'not known',
};

/** The cause in one sentence, with every other blocking one. */
export function summarise({ target, ending }: Facts, headline: Cause, blocking: readonly Cause[]): string {
  const response = ending.kind === 'response' ? ` (${[ending.status, ending.reason].join(' ').trim()})` : '';
  const others = blocking.slice(1).map((cause) => `; also ${cause.title}`);
  const act = headline.party === 'nobody' ? '' : ` Who must act: ${PARTY_WORDS[headline.party]}.`;
  return `The call${toWhom(target)} failed${response}: ${headline.title}${others.join('')}.${act}`;
}

function toWhom(target: Facts['target']): string {
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
