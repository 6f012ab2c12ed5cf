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
  /** Carriers of Jambonz that are LiveKit (JAMBONZ_LIVEKIT_CARRIERS). */
  readonly carriers?: readonly string[];
  /** LIVEKIT_DEPLOYMENT; `auto`: not set. */
  readonly deployment: 'auto' | 'cloud' | 'self_hosted';
  /** Whether LiveKit matches addresses strictly. */
  readonly strictAddresses: boolean;
  /** The key of hashed callers (PRIVACY_HASH_KEY); `undefined` if numbers are kept as they are. */
  readonly hashKey?: string | undefined;
}

export const CLOUD_SUFFIX = '.livekit.cloud';
export const CLOUD_SIP_SUFFIX = `.sip${CLOUD_SUFFIX}`;

/** Whether a dialled host is LiveKit's, so that the leg may get LiveKit's causes. */
export function isLiveKitHost(site: Site, host: string): boolean {
  return site.sipHosts.length === 0 || site.sipHosts.includes(host) || host.endsWith(CLOUD_SIP_SUFFIX);
}

export type HostJudgement =
  | { readonly kind: 'expected' }
  /**
   * `url_name`: the LIVEKIT_URL's name, not the project id's. `url_suffix`: only the end of that name. `api_host`: the
   * LIVEKIT_URL's host itself. `other_project`: not one of LIVEKIT_SIP_HOST.
   */
  | {
      readonly kind: 'wrong';
      readonly why: 'url_name' | 'url_suffix' | 'api_host' | 'other_project';
      readonly host: string;
      /** The project's host as far as the settings name one. */
      readonly right: string | undefined;
      /** LIVEKIT_SIP_HOST has the same mistake. */
      readonly isConfigured: boolean;
    }
  /** `looksLikeUrlName`: the host looks like a project's URL name, and there is no LIVEKIT_URL to compare it with. */
  | { readonly kind: 'unknown'; readonly host: string; readonly looksLikeUrlName: boolean };

/**
 * Whether the dialled host is LiveKit's SIP host. LiveKit Cloud's is `<project id without p_>.sip.livekit.cloud`, or the
 * same with a region before `.sip`; LIVEKIT_URL's host `<project name>-<suffix>.livekit.cloud` is another name, and
 * dialling it, or only its suffix, is a common mistake.
 */
export function judgeHost({ sipHosts, livekitUrlHost, deployment }: Site, host: string): HostJudgement {
  const project = cloudProject(host);
  const urlName = livekitUrlHost?.endsWith(CLOUD_SUFFIX) ? livekitUrlHost.slice(0, -CLOUD_SUFFIX.length) : undefined;
  // LIVEKIT_SIP_HOST may repeat the application's mistake.
  const right = sipHosts.find((known) => cloudProject(known) !== undefined && !mistakeOf(cloudProject(known), urlName));
  const mistake = mistakeOf(project, urlName);
  if (mistake) return { kind: 'wrong', why: mistake, host, right, isConfigured: sipHosts.includes(host) };
  if (sipHosts.includes(host)) return { kind: 'expected' };
  if (project === undefined) {
    const isApiHost = host === livekitUrlHost && host.endsWith(CLOUD_SUFFIX);
    return isApiHost
      ? { kind: 'wrong', why: 'api_host', host, right, isConfigured: false }
      : { kind: 'unknown', host, looksLikeUrlName: false };
  }
  if (sipHosts.some((known) => cloudProject(known) === project)) return { kind: 'expected' };
  if (right !== undefined) return { kind: 'wrong', why: 'other_project', host, right, isConfigured: false };
  const looksLikeUrlName =
    deployment !== 'self_hosted' && livekitUrlHost === undefined && /.-[a-z0-9]{8}$/.test(project);
  return { kind: 'unknown', host, looksLikeUrlName };
}

/** What the label of a SIP host has from LIVEKIT_URL's name, which is never the project id. */
function mistakeOf(label: string | undefined, urlName: string | undefined): 'url_name' | 'url_suffix' | undefined {
  if (label === undefined) return undefined;
  if (label === urlName) return 'url_name';
  return urlName?.endsWith(`-${label}`) ? 'url_suffix' : undefined;
}

/**
 * The project in a SIP host of LiveKit Cloud, whether or not a region is named: `<project>.sip.livekit.cloud` or
 * `<project>.<region>.sip.livekit.cloud`. `undefined` for any other host.
 * Source: LiveKit's documentation of region pinning. New regions appear, so every name is taken for one.
 */
function cloudProject(host: string): string | undefined {
  return /^([^.]+)(?:\.[a-z]+)?\.sip\.livekit\.cloud$/.exec(host)?.[1];
}

/** Makes a site from the operator's settings. Hosts may be in any letter case, SIP URIs, or have a port. */
export function siteFrom(settings: {
  readonly sipHosts: readonly string[];
  readonly livekitUrlHost: string | undefined;
  readonly sbcAddresses: readonly string[];
  readonly carriers?: readonly string[];
  readonly deployment?: Site['deployment'];
  readonly hashKey?: string | undefined;
}): Site {
  return {
    sipHosts: settings.sipHosts.map(sipHostOf),
    livekitUrlHost: settings.livekitUrlHost,
    sbcAddresses: settings.sbcAddresses,
    carriers: settings.carriers ?? [],
    deployment: settings.deployment ?? 'auto',
    strictAddresses: false,
    hashKey: settings.hashKey,
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
