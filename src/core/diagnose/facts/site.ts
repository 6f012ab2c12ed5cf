import type { CallEvent } from '../../call/callEvent.ts';
import { parseSipUri, sipHostOf } from '../../call/sipUri.ts';
import type { Snapshot } from '../../trunks/snapshot.ts';

/** The operator's settings that a diagnosis depends on. */
export interface Site {
  /** LiveKit's SIP hosts (LIVEKIT_SIP_HOST), in lower case. Empty: every dialled SIP URI counts as LiveKit's. */
  readonly sipHosts: readonly string[];
  /** Host of LIVEKIT_URL, in lower case. */
  readonly livekitUrlHost: string | undefined;
  /** Addresses that the SBCs send from (JAMBONZ_SBC_ADDRESSES). Empty: unknown. */
  readonly sbcAddresses: readonly string[];
  /** LIVEKIT_DEPLOYMENT; `auto`: not set. */
  readonly deployment: 'auto' | 'cloud' | 'self_hosted';
  /** Whether LiveKit matches addresses strictly. */
  readonly strictAddresses: boolean;
}

export const CLOUD_SIP_SUFFIX = '.sip.livekit.cloud';

/** Whether a dialled host is LiveKit's, so that the leg may get LiveKit's causes. */
export function isLiveKitHost(site: Site, host: string): boolean {
  return site.sipHosts.length === 0 || site.sipHosts.includes(host) || host.endsWith(CLOUD_SIP_SUFFIX);
}

export type HostJudgement =
  | { readonly kind: 'expected' }
  /** `url_name`: the LIVEKIT_URL's name, not the project id's. `other_project`: not one of LIVEKIT_SIP_HOST. */
  | {
      readonly kind: 'wrong';
      readonly why: 'url_name' | 'api_host' | 'other_project';
      readonly host: string;
    }
  /** `looksLikeUrlName`: the host looks like a project's URL name, and there is no LIVEKIT_URL to compare it with. */
  | { readonly kind: 'unknown'; readonly host: string; readonly looksLikeUrlName: boolean };

/**
 * Whether the dialled host is LiveKit's SIP host. LiveKit Cloud's is `<project id without p_>.sip.livekit.cloud`;
 * LIVEKIT_URL's host `<project name>-<suffix>.livekit.cloud` is another name, and dialling it is a common mistake.
 */
export function judgeHost(site: Site, host: string): HostJudgement {
  if (site.sipHosts.includes(host)) return { kind: 'expected' };
  if (host.endsWith(CLOUD_SIP_SUFFIX)) {
    const label = host.slice(0, -CLOUD_SIP_SUFFIX.length);
    if (site.livekitUrlHost === `${label}.livekit.cloud`) return { kind: 'wrong', why: 'url_name', host };
    if (site.sipHosts.some((known) => known.endsWith(CLOUD_SIP_SUFFIX)))
      return { kind: 'wrong', why: 'other_project', host };
    return {
      kind: 'unknown',
      host,
      looksLikeUrlName:
        site.deployment !== 'self_hosted' && site.livekitUrlHost === undefined && /.-[a-z0-9]{8}$/.test(label),
    };
  }
  if (host === site.livekitUrlHost && host.endsWith('.livekit.cloud')) return { kind: 'wrong', why: 'api_host', host };
  return { kind: 'unknown', host, looksLikeUrlName: false };
}

/** Makes a site from the operator's settings. Hosts may be in any letter case, SIP URIs, or have a port. */
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

/**
 * Whether an event is about a leg to LiveKit whose called number no known trunk has: the trunk may have been created
 * since the configuration was last read.
 */
export function namesUnknownNumber(site: Site, event: CallEvent, snapshot: Snapshot): boolean {
  if (event.direction !== 'outbound' || event.callStatus !== 'trying' || event.to === undefined) return false;
  const uri = parseSipUri(event.to);
  if (!uri || !isLiveKitHost(site, uri.host)) return false;
  return !snapshot.trunkIndex.takes(uri.user);
}
