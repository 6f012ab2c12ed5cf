import { sipHostOf } from '../call/sipUri.ts';
import type { Site } from '../diagnose/site.ts';

/** Makes the site of a diagnosis from what the operator writes: hosts in any case, also as SIP URIs or with a port. */
export function siteFrom(settings: {
  readonly sipHosts: readonly string[];
  readonly livekitUrlHost: string | undefined;
  readonly sbcAddresses: readonly string[];
  readonly deployment?: Site['deployment'];
}): Site {
  return {
    sipHosts: settings.sipHosts.map(sipHostOf),
    livekitUrlHost: settings.livekitUrlHost,
    sbcAddresses: settings.sbcAddresses,
    deployment: settings.deployment ?? 'auto',
    strictAddresses: false,
  };
}

/** The host of a URL in lower case; `undefined` for none or for text that is no URL. */
export function hostOf(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  return new URL(url).hostname.toLowerCase();
}
