import { isCloudHost, type Site } from './site.ts';

export const DEPLOYMENT_KINDS = ['cloud', 'self_hosted', 'unknown'] as const;

/** Whether LiveKit is Cloud or self-hosted, and how that is known. The two answer differently. */
export interface Deployment {
  readonly kind: (typeof DEPLOYMENT_KINDS)[number];
  /** One sentence without its full stop. */
  readonly basis: string;
  /** Whether LIVEKIT_DEPLOYMENT or LIVEKIT_URL says so, rather than the name of a SIP host. */
  readonly isConfigured: boolean;
}

/**
 * Whether the dialled LiveKit is LiveKit Cloud or self-hosted: by LIVEKIT_DEPLOYMENT, else by the host of
 * its API, else by its SIP hosts, else by the dialled host alone. If these contradict each other, it is unknown.
 */
export function deploymentOf(site: Site, dialledHost: string): Deployment {
  if (site.deployment !== 'auto') {
    const basis = `LIVEKIT_DEPLOYMENT is ${site.deployment.replace('_', '-')}`;
    return { kind: site.deployment, basis, isConfigured: true };
  }
  const isCloudDialled = isCloudHost(dialledHost);
  const { livekitUrlHost, sipHosts } = site;
  if (livekitUrlHost !== undefined) {
    const kind = isCloudHost(livekitUrlHost) ? 'cloud' : 'self_hosted';
    if (kind === 'self_hosted' && isCloudDialled) {
      const basis = `the LIVEKIT_URL host ${livekitUrlHost} isn’t on LiveKit Cloud, but the dialled host ${dialledHost} is`;
      return { kind: 'unknown', basis, isConfigured: true };
    }
    return { kind, basis: `the LIVEKIT_URL host is ${livekitUrlHost}`, isConfigured: true };
  }
  if (isCloudDialled) return { kind: 'cloud', basis: `the dialled host is ${dialledHost}`, isConfigured: false };
  if (sipHosts.includes(dialledHost)) {
    const basis = `LIVEKIT_SIP_HOST names ${dialledHost}, which isn’t on LiveKit Cloud`;
    return { kind: 'self_hosted', basis, isConfigured: false };
  }
  return { kind: 'unknown', basis: 'neither LIVEKIT_URL nor LIVEKIT_SIP_HOST shows which', isConfigured: false };
}
