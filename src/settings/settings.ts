import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { parseSipUri, sipHostOf } from '../core/call/sipUri.ts';
import type { Site } from '../core/diagnose/facts/site.ts';
import { hostOf, siteFrom } from '../core/diagnose/facts/site.ts';
import type { WebhookTrust } from '../core/receive/verifyJambonz.ts';
import type { LiveKitTrust } from '../core/receive/verifyLiveKit.ts';
import { parseAddress } from '../core/trunks/address.ts';
import { type AccessSettings, accessFaults, accessFrom, accessWarnings } from './accessSettings.ts';
import { authoritiesFrom, authorityFaults } from './authorities.ts';
import { type Documented, Environment, list, SECRETS, shown } from './environment.ts';
import { type ForwardSettings, forwardFaults, forwardFrom } from './forwardSettings.ts';
import {
  hasWeakIncidentSecret,
  type IncidentWebhookSettings,
  incidentWebhookFaults,
  incidentWebhooksFrom,
} from './incidentSettings.ts';
import { type LinkSettings, linkFaults, linksFrom } from './linkSettings.ts';
import { type RetentionSettings, retentionFaults, retentionFrom } from './retentionSettings.ts';
import { readSecretFiles } from './secretFiles.ts';
import { type StorePaths, storePaths } from './storePaths.ts';

const shape = Compile(Environment);

/** The service's settings, read from the environment. */
export interface Settings extends StorePaths {
  readonly livekit: {
    readonly url: string | undefined;
    readonly apiKey: string | undefined;
    readonly apiSecret: string | undefined;
    readonly configFile: string | undefined;
    readonly refreshSeconds: number;
  };
  readonly expectedCallsFile: string | undefined;
  /** Jambonz's REST API, for commands. */
  readonly jambonzApi: { readonly url: string | undefined; readonly key: string | undefined };
  readonly trust: WebhookTrust;
  readonly liveKitTrust: LiveKitTrust;
  readonly site: Site;
  readonly forward: ForwardSettings;
  /** SIP URIs or hosts, as written. */
  readonly probe: {
    readonly targets: readonly string[];
    readonly sipHosts: readonly string[];
    readonly intervalSeconds: number;
  };
  readonly incidentWebhooks: IncidentWebhookSettings;
  readonly links: LinkSettings;
  readonly databaseUrl: string;
  readonly retention: RetentionSettings;
  readonly access: AccessSettings;
  readonly metricsTrunkLimit: number;
  readonly port: number;
  /** Certificates to trust besides Node's, in PEM. */
  readonly authorities: readonly string[];
  readonly shutdownWaitSeconds: number;
  readonly log: { readonly level: string; readonly format: 'auto' | 'json' | 'pretty' };
  /** Weak or missing settings that don't prevent the start. */
  readonly warnings: readonly string[];
}

type ReadSettings =
  | { readonly ok: true; readonly settings: Settings }
  /** All faults, each with its variable and remedy. */
  | { readonly ok: false; readonly faults: readonly string[] };

/** Reads and checks the environment, and the files that it names for secrets. An empty variable counts as not set. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): ReadSettings {
  const files = readSecretFiles(SECRETS, env);
  const all = { ...env, ...files.values };
  const given = Object.fromEntries(
    Object.keys(Environment.properties).flatMap((name) => (all[name]?.trim() ? [[name, all[name].trim()]] : [])),
  );
  const converted = convert(given);
  const wrong = new Set([
    ...files.faults.keys(),
    ...[...shape.Errors(converted)].map((error) => error.instancePath.split('/')[1] ?? ''),
  ]);
  if (wrong.size === 0 && shape.Check(converted)) {
    const faults = crossFaults(converted);
    return faults.length > 0 ? { ok: false, faults } : { ok: true, settings: settingsFrom(converted) };
  }
  // The remaining variables are checked as if the wrong ones were unset. Faults that mention a wrong one are dropped.
  const rest = convert(Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name))));
  const others = shape.Check(rest) ? crossFaults(rest) : [];
  const concernsWrong = (fault: string) => [...wrong].some((name) => new RegExp(`\\b${name}\\b`).test(fault));
  const faults = [
    ...[...wrong].map((name) => files.faults.get(name) ?? shapeFault(name, given)),
    ...others.filter((fault) => !concernsWrong(fault)),
  ];
  return { ok: false, faults };
}

function convert(given: Record<string, string>): unknown {
  return Value.Default(Environment, Value.Convert(Environment, { ...given }));
}

function shapeFault(name: string, given: Record<string, string>): string {
  // The cast is safe: every property is declared with Documented.
  const documented = Environment.properties[name as keyof Environment] as unknown as Documented;
  const got = documented.secret ? '' : `, got ${shown(given[name] ?? '')}`;
  return `${name} must be ${documented.range}${got}`;
}

function crossFaults(env: Environment): string[] {
  const faults: string[] = [];
  const hasKey = env.LIVEKIT_API_KEY !== undefined;
  if (hasKey !== (env.LIVEKIT_API_SECRET !== undefined)) {
    const missing = hasKey ? 'LIVEKIT_API_SECRET' : 'LIVEKIT_API_KEY';
    faults.push(`${missing} must be set too: LIVEKIT_API_KEY and LIVEKIT_API_SECRET belong together`);
  } else if (env.LIVEKIT_URL !== undefined && !hasKey && env.LIVEKIT_CONFIG_FILE === undefined) {
    faults.push(
      'LIVEKIT_URL needs LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or set LIVEKIT_CONFIG_FILE to use a file instead of the API',
    );
  }
  if (list(env.LIVEKIT_API_KEY).length !== list(env.LIVEKIT_API_SECRET).length && hasKey && env.LIVEKIT_API_SECRET) {
    faults.push('LIVEKIT_API_SECRET must have one secret for each key in LIVEKIT_API_KEY, in the same order');
  }
  for (const address of list(env.JAMBONZ_SBC_ADDRESSES)) {
    if (!parseAddress(address))
      faults.push(`JAMBONZ_SBC_ADDRESSES must be IP addresses, comma-separated, got ${shown(address)}`);
  }
  for (const target of list(env.PROBE_TARGETS)) {
    if (!isProbeTarget(target)) {
      faults.push(
        `PROBE_TARGETS must be SIP URIs with the transport udp, tcp or tls, comma-separated, got ${shown(target)}`,
      );
    }
  }
  faults.push(
    ...accessFaults(env),
    ...forwardFaults(env),
    ...incidentWebhookFaults(env),
    ...linkFaults(env),
    ...retentionFaults(env),
    ...authorityFaults(env),
  );
  for (const host of list(env.LIVEKIT_SIP_HOST)) {
    if (!isHost(host)) faults.push(`LIVEKIT_SIP_HOST must be host names, comma-separated, got ${shown(host)}`);
  }
  if (env.JAMBONZ_API_URL !== undefined && !URL.canParse(env.JAMBONZ_API_URL)) {
    faults.push('JAMBONZ_API_URL must be an http:// or https:// URL without credentials or query');
  }
  if (env.LIVEKIT_URL !== undefined && !URL.canParse(env.LIVEKIT_URL)) {
    faults.push('LIVEKIT_URL must be a ws://, wss://, http:// or https:// URL without credentials');
  }
  const isUrl = /^(?:[a-z][a-z\d+.-]*:\/\/|postgres(ql)?:|file:)/i.test(env.DATABASE_URL);
  if (isUrl && !(/^postgres(ql)?:\/\//.test(env.DATABASE_URL) && URL.canParse(env.DATABASE_URL))) {
    faults.push(
      'DATABASE_URL must be a file path or a postgres:// URL; percent-encode special characters in the password',
    );
  }
  return faults;
}

function settingsFrom(env: Environment): Settings {
  const secrets = list(env.JAMBONZ_WEBHOOK_SECRET);
  const access = accessFrom(env);
  const liveKitSecrets = list(env.LIVEKIT_API_SECRET);
  const liveKitKeys = list(env.LIVEKIT_API_KEY).map((key, i) => ({ key, secret: liveKitSecrets[i] ?? '' }));
  return {
    livekit: {
      url: env.LIVEKIT_URL?.replace(/[?#].*$/, ''),
      apiKey: liveKitKeys[0]?.key,
      apiSecret: liveKitKeys[0]?.secret,
      configFile: env.LIVEKIT_CONFIG_FILE,
      refreshSeconds: env.LIVEKIT_REFRESH_SECONDS,
    },
    expectedCallsFile: env.EXPECTED_CALLS_FILE,
    jambonzApi: { url: env.JAMBONZ_API_URL, key: env.JAMBONZ_API_KEY },
    trust: {
      secrets,
      basicAuth: env.JAMBONZ_BASIC_AUTH,
      toleranceSeconds: env.JAMBONZ_SIGNATURE_TOLERANCE_SECONDS,
    },
    liveKitTrust: {
      keys: liveKitKeys,
      toleranceSeconds: LIVEKIT_CLOCK_TOLERANCE_SECONDS,
      acceptsUnsigned: access.isLoopback,
    },
    site: siteFrom({
      sipHosts: list(env.LIVEKIT_SIP_HOST),
      livekitUrlHost: hostOf(env.LIVEKIT_URL),
      sbcAddresses: list(env.JAMBONZ_SBC_ADDRESSES),
      carriers: list(env.JAMBONZ_LIVEKIT_CARRIERS),
      deployment: env.LIVEKIT_DEPLOYMENT === 'self-hosted' ? 'self_hosted' : env.LIVEKIT_DEPLOYMENT,
      hashKey: env.PRIVACY_HASH_KEY,
    }),
    forward: forwardFrom(env),
    probe: {
      targets: list(env.PROBE_TARGETS),
      sipHosts: list(env.LIVEKIT_SIP_HOST),
      intervalSeconds: env.PROBE_INTERVAL_SECONDS,
    },
    incidentWebhooks: incidentWebhooksFrom(env),
    links: linksFrom(env),
    databaseUrl: env.DATABASE_URL,
    ...storePaths(env),
    retention: retentionFrom(env),
    access,
    metricsTrunkLimit: env.METRICS_TRUNK_LIMIT,
    port: env.PORT,
    authorities: authoritiesFrom(env),
    shutdownWaitSeconds: env.SHUTDOWN_WAIT_SECONDS,
    log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT },
    warnings: warningsOf(env, secrets, access.host),
  };
}

/** Accepted difference between LiveKit's clock and ours. LiveKit's tokens are valid for five minutes. */
const LIVEKIT_CLOCK_TOLERANCE_SECONDS = 60;

/** Shorter secrets can be guessed. */
const WEAK_SECRET_LENGTH = 16;

function warningsOf(env: Environment, secrets: readonly string[], host: string): string[] {
  const warnings: string[] = [];
  if (secrets.length === 0 && env.JAMBONZ_BASIC_AUTH === undefined) {
    warnings.push(
      'JAMBONZ_WEBHOOK_SECRET is not set, so anyone who reaches this port can send forged webhooks. Listening on loopback only' +
        `${host === env.HOST ? '' : '; HOST is ignored'}.`,
    );
  }
  if (secrets.some((secret) => secret.length < WEAK_SECRET_LENGTH)) {
    warnings.push(`JAMBONZ_WEBHOOK_SECRET is weak. Use at least ${WEAK_SECRET_LENGTH} random characters.`);
  }
  warnings.push(...accessWarnings(env));
  if (hasWeakIncidentSecret(env)) warnings.push('INCIDENT_WEBHOOK_SECRET is weak. Use at least 24 random bytes.');
  if (env.LIVEKIT_API_KEY === undefined) {
    warnings.push(
      'LIVEKIT_API_KEY is not set, so LiveKit’s webhooks can’t be verified. They are accepted on loopback only.',
    );
  }
  const hasApi = env.LIVEKIT_URL !== undefined && env.LIVEKIT_API_KEY !== undefined;
  if (!hasApi && env.LIVEKIT_CONFIG_FILE === undefined) {
    warnings.push(
      'Neither LIVEKIT_URL with its key nor LIVEKIT_CONFIG_FILE is set. Calls are diagnosed without LiveKit’s trunks and dispatch rules.',
    );
  }
  if (!hasApi && env.LIVEKIT_CONFIG_FILE === undefined && env.EXPECTED_CALLS_FILE !== undefined) {
    warnings.push('EXPECTED_CALLS_FILE is not used, because LiveKit’s trunks and dispatch rules are unknown.');
  }
  if (/[?#]/.test(env.LIVEKIT_URL ?? '')) warnings.push('The query in LIVEKIT_URL is ignored. Leave it out.');
  if (env.JAMBONZ_SBC_ADDRESSES === undefined) {
    warnings.push('JAMBONZ_SBC_ADDRESSES is not set, so a trunk’s allowed_addresses can’t be checked.');
  }
  return warnings;
}

function isHost(text: string): boolean {
  return !/[\s/]/.test(text) && /^([\w-]+(\.[\w-]+)*|[\da-f]*:[\da-f:.]+)$/i.test(sipHostOf(text));
}

function isProbeTarget(text: string): boolean {
  const uri = parseSipUri(/^sips?:/i.test(text) ? text : `sip:${text}`);
  return uri !== undefined && [undefined, 'udp', 'tcp', 'tls'].includes(uri.transport);
}
