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
  readonly carriers: readonly string[];
  /** LIVEKIT_DEPLOYMENT; `auto`: not set. */
  readonly deployment: 'auto' | 'cloud' | 'self_hosted';
  /** Whether LiveKit matches addresses strictly. */
  readonly strictAddresses: boolean;
  /** The key of hashed callers (PRIVACY_HASH_KEY); `undefined` if numbers are kept as they are. */
  readonly hashKey?: string | undefined;
}

const CLOUD_SUFFIX = '.livekit.cloud';
const CLOUD_SIP_SUFFIX = `.sip${CLOUD_SUFFIX}`;

/** Whether a dialled host is LiveKit's, so that the leg may get LiveKit's causes. */
export function isLiveKitHost(site: Site, host: string): boolean {
  return site.sipHosts.length === 0 || site.sipHosts.includes(host) || host.endsWith(CLOUD_SIP_SUFFIX);
}

export type HostJudgement =
  | { readonly kind: 'expected' }
  | {
      readonly kind: 'wrong';
      /** `other_project`: not one of LIVEKIT_SIP_HOST. */
      readonly why: HostMistake | 'other_project';
      readonly host: string;
      /** The project's host as far as the settings, or the dialled host, name one. */
      readonly right: string | undefined;
      /** LIVEKIT_SIP_HOST has the same mistake. */
      readonly isConfigured: boolean;
    }
  | {
      readonly kind: 'unknown';
      readonly host: string;
      readonly right: string | undefined;
      /**
       * `like_url_name`: it looks like a project's URL name, and there is no LIVEKIT_URL to compare it with. `not_listed`:
       * it isn't in LIVEKIT_SIP_HOST, but may be another name of the same self-hosted LiveKit.
       */
      readonly doubt: 'like_url_name' | 'not_listed' | undefined;
    };

/**
 * Why a name under livekit.cloud can't be a project's SIP host. `url_name`: the LIVEKIT_URL's name, not the project id's.
 * `url_suffix`: only the end of that name. `id_prefix`: the project id with p_. `api_host`: the LIVEKIT_URL's host itself.
 * `no_project`: no name before the domain. `no_sip_host`: another name than one before .sip.livekit.cloud.
 */
type HostMistake = 'url_name' | 'url_suffix' | 'id_prefix' | 'api_host' | 'no_project' | 'no_sip_host';

/**
 * Whether the dialled host is LiveKit's SIP host. LiveKit Cloud's is `<project id without p_>.sip.livekit.cloud`, or the
 * same with a region before `.sip`; LIVEKIT_URL's host `<project name>-<suffix>.livekit.cloud` is another name. A
 * self-hosted LiveKit may have any other name.
 */
export function judgeHost({ sipHosts, livekitUrlHost, deployment }: Site, host: string): HostJudgement {
  const mistake = mistakeOf(host, livekitUrlHost);
  // LIVEKIT_SIP_HOST may repeat the application's mistake.
  const known = sipHosts.filter((one) => mistakeOf(one, livekitUrlHost) === undefined);
  const right = known.find(isCloudHost) ?? known[0];
  if (mistake) {
    const withoutPrefix = mistake === 'id_prefix' ? host.replace(ID_PREFIX, '') : undefined;
    return { kind: 'wrong', why: mistake, host, right: right ?? withoutPrefix, isConfigured: sipHosts.includes(host) };
  }
  const project = cloudProject(host);
  const isSameProject = project !== undefined && known.some((one) => cloudProject(one) === project);
  if (known.includes(host) || isSameProject) return { kind: 'expected' };
  if (isCloudHost(host) && right !== undefined)
    return { kind: 'wrong', why: 'other_project', host, right, isConfigured: false };
  const isSuspect =
    deployment !== 'self_hosted' && livekitUrlHost === undefined && /.-[a-z0-9]{8}$/.test(project ?? '');
  const doubt = right !== undefined ? 'not_listed' : isSuspect ? 'like_url_name' : undefined;
  return { kind: 'unknown', host, right, doubt };
}

/** Whether a host is under livekit.cloud, which is LiveKit's own domain. */
export function isCloudHost(host: string): boolean {
  return `.${host}`.endsWith(CLOUD_SUFFIX);
}

const ID_PREFIX = /^p_/;

function mistakeOf(host: string, livekitUrlHost: string | undefined): HostMistake | undefined {
  if (!isCloudHost(host)) return undefined;
  if (host === livekitUrlHost) return 'api_host';
  const project = cloudProject(host);
  if (project === undefined) return /^(sip\.)?livekit\.cloud$/.test(host) ? 'no_project' : 'no_sip_host';
  if (ID_PREFIX.test(project)) return 'id_prefix';
  const urlName = livekitUrlHost?.endsWith(CLOUD_SUFFIX) ? livekitUrlHost.slice(0, -CLOUD_SUFFIX.length) : undefined;
  if (project === urlName) return 'url_name';
  return urlName?.endsWith(`-${project}`) ? 'url_suffix' : undefined;
}

/**
 * The project in a SIP host of LiveKit Cloud, whether or not a region is named: `<project>.sip.livekit.cloud` or
 * `<project>.<region>.sip.livekit.cloud`. `undefined` for any other host.
 * Source: LiveKit's documentation of region pinning. New regions appear, so every name is taken for one.
 */
function cloudProject(host: string): string | undefined {
  return /^([^.]+)\.(?:.+\.)?sip\.livekit\.cloud$/.exec(host)?.[1];
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
