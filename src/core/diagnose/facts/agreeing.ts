import { verdictOf } from '../../fixes/prove.ts';
import { type Facts, gatherFacts, type KnownConfiguration, type SettledAttempt } from './facts.ts';
import type { Site } from './site.ts';

/**
 * The facts of a settled attempt, and the configuration that they rest on. For a call between two readings that differ,
 * the configuration in force is unknown: this takes the nearer one, unless only the other agrees with how the
 * call ended.
 */
export function agreeingFacts(
  site: Site,
  settled: SettledAttempt,
  configuration: KnownConfiguration | undefined,
): {
  readonly facts: Facts;
  readonly configuration: KnownConfiguration | undefined;
  /** Whether only the way the call ended supports this configuration. Then nothing that rests on it is certain. */
  readonly isInferred: boolean;
} {
  const nearer = {
    facts: gatherFacts(site, settled, configuration),
    configuration,
    isInferred: false,
  };
  if (!configuration?.other || agrees(nearer.facts)) return nearer;
  const further = {
    facts: gatherFacts(site, settled, configuration.other),
    configuration: configuration.other,
    isInferred: true,
  };
  return agrees(further.facts) ? further : nearer;
}

/** Whether the match is consistent with how the call ended. */
function agrees({ match, stage, ending }: Facts): boolean {
  if (!match) return true;
  switch (stage) {
    case 'admitted':
      return verdictOf(match) !== 'refused';
    case 'auth':
      return match.auth !== undefined && match.auth.kind !== 'not_asked';
    case 'refused':
      return verdictOf(match) === 'refused';
    case undefined:
    case 'unknown':
      // A call that was cancelled early says nothing about the configuration.
      return ending.kind !== 'response' || verdictOf(match) === 'refused';
  }
}
