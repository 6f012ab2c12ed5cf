import type { Facts } from './facts.ts';

/**
 * Whether it is known that this LiveKit refuses a call as this one was answered. Self-hosted builds were seen to fall
 * silent, newer ones and LiveKit Cloud have a 404; that Cloud falls silent as well is not known. A name of a
 * SIP host alone does not say that it is Cloud: self-hosted LiveKit was recorded behind such a name.
 */
export function isRefusalKnown({ deployment, stage, ending }: Facts): boolean {
  if (stage !== 'refused' || deployment?.kind !== 'cloud' || !deployment.isConfigured) return true;
  return ending.kind === 'response' && ending.status === 404;
}

/** What is not known of a call because LiveKit Cloud and self-hosted LiveKit differ. */
export function deploymentUnknowns(facts: Facts): string[] {
  const { deployment, stage, ending, host } = facts;
  const unknowns: string[] = [];
  if (!deployment) return unknowns;
  if (!isRefusalKnown(facts)) {
    unknowns.push(
      'Whether LiveKit Cloud falls silent on a call that it matches nothing for: self-hosted builds were seen to, and of Cloud only a 404 is known.',
    );
  }
  if (deployment.kind === 'cloud' && host?.kind === 'wrong') {
    unknowns.push('What LiveKit Cloud answers on a host that is not the project’s SIP host.');
  }
  if (deployment.kind === 'unknown' && (stage === 'refused' || (ending.kind === 'response' && ending.status === 503))) {
    unknowns.push(`Whether this LiveKit is LiveKit Cloud or self-hosted: ${deployment.basis}. Set LIVEKIT_DEPLOYMENT.`);
  }
  return unknowns;
}
