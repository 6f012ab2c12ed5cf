import { type Static, Type } from 'typebox';

/** What docs/settings.md says about a variable besides its name and default. */
export interface Documented {
  /** The accepted values in words; a fault says `NAME must be <range>`. */
  readonly range: string;
  readonly description: string;
  /** The value must not appear in messages. It can also be in a file, whose path is in the variable `<name>_FILE`. */
  readonly secret?: true;
}

const text = (documented: Documented & { readonly pattern?: string; readonly default?: string }) =>
  Type.Optional(Type.String({ minLength: 1, ...documented }));
const integer = (documented: Documented & { minimum: number; maximum: number; default: number }) =>
  Type.Integer({ ...documented });

/** A URL to which a path can be appended, also within quotes, Markdown and Prometheus' templates. */
export const BASE_URL = {
  pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/?#@"\'<>{}\\\\]+(/[^\\s?#"\'<>{}\\\\]*)?$',
  range: 'an http:// or https:// URL without credentials, query or braces',
};
export const isBaseUrl = (text: string): boolean => new RegExp(BASE_URL.pattern).test(text) && URL.canParse(text);
export const TRACE_URL = {
  pattern: '^[Hh][Tt][Tt][Pp][Ss]?://[^\\s/?#@{}]+[/?#]\\S*\\{trace_id\\}\\S*$',
  range: 'an http:// or https:// URL without credentials, with {trace_id} after the host',
};
const FORWARD_URL = '^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@]+([/?#].*)?$';

/** Every environment variable that the service or a command reads, with its default, range and description. */
export const Environment = Type.Object({
  LIVEKIT_URL: text({
    pattern: '^(wss?|https?)://[^/?#@]+([/?#].*)?$',
    range: 'a ws://, wss://, http:// or https:// URL without credentials',
    description: 'LiveKit server whose trunks and dispatch rules are read.',
  }),
  LIVEKIT_API_KEY: text({
    range: 'keys, comma-separated',
    description:
      'API key for LIVEKIT_URL and for verifying LiveKit’s webhooks. Without LIVEKIT_URL it only verifies webhooks. During rotation, list both keys; the first is used for the API.',
  }),
  LIVEKIT_API_SECRET: text({
    range: 'secrets, comma-separated',
    secret: true,
    description: 'Secret of LIVEKIT_API_KEY. List one secret for each key, in the same order.',
  }),
  LIVEKIT_SIP_HOST: text({
    range: 'host names, comma-separated',
    description:
      'LiveKit’s SIP hosts, in addition to *.sip.livekit.cloud. Unset: every dialled SIP URI counts as LiveKit’s.',
  }),
  LIVEKIT_DEPLOYMENT: Type.Union(
    (['auto', 'cloud', 'self-hosted'] as const).map((kind) => Type.Literal(kind)),
    {
      default: 'auto',
      range: 'auto, cloud or self-hosted',
      description:
        'Whether LiveKit is LiveKit Cloud or self-hosted. The two answer failed calls differently. auto: decided by LIVEKIT_URL, LIVEKIT_SIP_HOST and the dialled host.',
    },
  ),
  LIVEKIT_CONFIG_FILE: text({
    range: 'a path',
    description:
      'JSON or YAML file to read trunks and dispatch rules from instead of the API: {"inbound_trunks": […], "dispatch_rules": […]}. Each may be what `lk sip … list --json` or an SDK prints, or a file for `lk sip … create`.',
  }),
  EXPECTED_CALLS_FILE: text({
    range: 'a path',
    description:
      'YAML or JSON file of calls that must connect, or must not. They are judged at each change of LiveKit’s configuration (docs/expected-calls.md).',
  }),
  LIVEKIT_REFRESH_SECONDS: integer({
    minimum: 5,
    maximum: 3600,
    default: 60,
    range: '5 to 3600',
    description: 'Interval at which trunks and dispatch rules are read again.',
  }),
  JAMBONZ_WEBHOOK_SECRET: text({
    range: 'secrets, comma-separated',
    secret: true,
    description: 'Signing secret of Jambonz’s webhooks. During rotation, list both.',
  }),
  JAMBONZ_SIGNATURE_TOLERANCE_SECONDS: integer({
    minimum: 1,
    maximum: 86_400,
    default: 300,
    range: '1 to 86400',
    description: 'Largest accepted difference between a signature’s time and now.',
  }),
  JAMBONZ_BASIC_AUTH: text({
    pattern: '^[^:]+:.+$',
    range: 'user:password',
    secret: true,
    description:
      'HTTP basic credentials of Jambonz’s webhooks. GET and WebSocket hooks need them, because Jambonz can’t sign those.',
  }),
  JAMBONZ_SBC_ADDRESSES: text({
    range: 'IP addresses, comma-separated',
    description: 'Addresses from which the SBCs send to LiveKit. Unset: a trunk’s allowed_addresses can’t be checked.',
  }),
  JAMBONZ_API_URL: text({
    pattern: '^https?://[^/?#@]+(/[^?#]*)?$',
    range: 'an http:// or https:// URL without credentials or query',
    description: 'Base of Jambonz’s REST API, such as https://api.jambonz.cloud/v1. Only `sipwhy connect` uses it.',
  }),
  JAMBONZ_API_KEY: text({
    pattern: '^[!-~]+$',
    range: 'an API key',
    secret: true,
    description: 'API key of the Jambonz account. Only `sipwhy connect` uses it; the service needs none.',
  }),
  JAMBONZ_LIVEKIT_CARRIERS: text({
    range: 'names of carriers, comma-separated',
    description:
      'Carriers of Jambonz that are LiveKit. A dialled telephone number that LiveKit’s trunks list is then judged as a call to LiveKit, and so is a phone target that is checked.',
  }),
  DIAL_ACTION_FORWARD_URL: text({
    pattern: FORWARD_URL,
    range: 'an http:// or https:// URL without credentials',
    secret: true,
    description:
      'Dial hook of your application. Each dial hook is forwarded to it unchanged, and its verbs are returned to Jambonz.',
  }),
  DIAL_ACTION_FORWARD_TIMEOUT_MS: integer({
    minimum: 100,
    maximum: 9_500,
    default: 5_000,
    range: '100 to 9500',
    description:
      'Longest time that DIAL_ACTION_FORWARD_URL may take. The caller waits meanwhile, and Jambonz gives up after 10 s.',
  }),
  DIAL_ACTION_FALLBACK: Type.String({
    minLength: 1,
    default: '[]',
    range: 'a JSON array of verbs',
    description: 'Answer to Jambonz if DIAL_ACTION_FORWARD_URL fails or is too slow, such as [{"verb": "hangup"}].',
  }),
  CALL_STATUS_FORWARD_URL: text({
    pattern: FORWARD_URL,
    range: 'an http:// or https:// URL without credentials',
    secret: true,
    description:
      'Status hook of your application. Each status is forwarded to it unchanged after sipwhy has acknowledged it, in order per call. Failed requests are retried.',
  }),
  PROBE_TARGETS: text({
    range: 'SIP URIs or hosts, comma-separated',
    description:
      'What to probe, such as sip:example.com;transport=tcp. Unset: the hosts of LIVEKIT_SIP_HOST, over the transport in the entry or else UDP.',
  }),
  PROBE_INTERVAL_SECONDS: integer({
    minimum: 0,
    maximum: 3600,
    default: 60,
    range: '0 to 3600',
    description: 'Interval at which each target is probed. 0 turns the probe off.',
  }),
  INCIDENT_WEBHOOK_URL: text({
    range: 'http:// or https:// URLs, comma-separated',
    secret: true,
    description:
      'Where to send a notification when an incident opens, worsens, closes or reopens. Requests are signed as in standardwebhooks.com. Slack incoming webhooks also work. Unset: no notifications.',
  }),
  INCIDENT_WEBHOOK_SECRET: text({
    range: 'base64, comma-separated',
    secret: true,
    description:
      'Signing secret for INCIDENT_WEBHOOK_URL, with or without whsec_. During rotation, list both. Slack needs none.',
  }),
  INCIDENT_WEBHOOK_FORMAT: Type.Optional(
    Type.Union([Type.Literal('standard'), Type.Literal('slack')], {
      range: 'standard or slack',
      description: 'Format of the notifications. Unset: slack for Slack’s hosts, else standard.',
    }),
  ),
  PAGE_URL: text({
    ...BASE_URL,
    description:
      'sipwhy’s page as people reach it, for links in incidents, notifications and tickets. Unset: links are relative.',
  }),
  GRAFANA_URL: text({
    ...BASE_URL,
    description: 'Grafana with sipwhy’s dashboards, for links in incidents. Unset: no such links.',
  }),
  TRACE_URL_TEMPLATE: text({
    ...TRACE_URL,
    description:
      'Where Jambonz’s trace of a call is shown, such as https://jaeger.example.com/trace/{trace_id}. Unset: no such links.',
  }),
  DATABASE_URL: Type.String({
    minLength: 1,
    default: 'sipwhy.db',
    range: 'a file path or a postgres:// URL',
    secret: true,
    description:
      'Where webhooks and explanations are stored: a SQLite file, or a PostgreSQL database that several replicas can share (docs/replicas.md).',
  }),
  JOURNAL_DIR: Type.Optional(
    Type.String({
      minLength: 1,
      range: 'a directory path',
      description:
        'Where webhooks are written before they are acknowledged. They stay there until they are in the store. Each process needs its own directory, on a disk that survives a restart. Unset: beside the SQLite file, or with PostgreSQL beside SPOOL_FILE.',
    }),
  ),
  SPOOL_FILE: Type.String({
    minLength: 1,
    default: 'sipwhy-spool.db',
    range: 'a file path',
    description:
      'PostgreSQL only: the spool of a version before JOURNAL_DIR. Its webhooks are moved to the journal at the first start.',
  }),
  PRIVACY_HASH_KEY: text({
    pattern: '^.{16,}$',
    range: 'at least 16 characters',
    secret: true,
    description:
      'Keeps keyed hashes in place of callers’ numbers (docs/privacy.md). All replicas and commands need the same key. Unset: numbers are kept.',
  }),
  RETENTION_DAYS: integer({
    minimum: 1,
    maximum: 3650,
    default: 14,
    range: '1 to 3650',
    description: 'How long connected and uncounted calls are kept.',
  }),
  RETENTION_FAILURE_DAYS: integer({
    minimum: 1,
    maximum: 3650,
    default: 90,
    range: '1 to 3650, at least RETENTION_DAYS',
    description: 'How long failed calls and closed incidents are kept.',
  }),
  RETENTION_MAX_MB: integer({
    minimum: 0,
    maximum: 10_000_000,
    default: 10_000,
    range: '0 to 10000000',
    description:
      'Size limit of the store. Beyond it the oldest calls are deleted early, failed ones last. 0 for no limit.',
  }),
  API_TOKEN: text({
    range: 'text',
    secret: true,
    description:
      'Bearer token for /api/v1, with which people also sign in to the page. Needed if HOST is not loopback. A change ends every session.',
  }),
  MCP_NUMBERS: Type.Union([Type.Literal('masked'), Type.Literal('plain')], {
    default: 'masked',
    range: 'masked or plain',
    description: 'Whether the tools of `/mcp` and `sipwhy mcp` show telephone numbers to a language model.',
  }),
  ALLOW_OPEN_API: Type.Union([Type.Literal('true'), Type.Literal('false')], {
    default: 'false',
    range: 'true or false',
    description:
      'Whether the API, the page and the metrics may be read without API_TOKEN from other machines, because a proxy in front of sipwhy checks who reads.',
  }),
  ALLOWED_HOSTS: text({
    pattern: '^[^\\s/:]+(\\s*,\\s*[^\\s/:]+)*$',
    range: 'host names without ports, comma-separated',
    description:
      'Names by which a proxy or browsers reach sipwhy. On loopback, requests for other names than localhost are refused, because a website could send them. Elsewhere unset: any name.',
  }),
  METRICS_TOKEN: text({
    range: 'text',
    secret: true,
    description: 'Bearer token for /metrics. Unset: API_TOKEN, if that is set.',
  }),
  METRICS_LISTEN: text({
    pattern:
      '^(\\[[\\da-fA-F:.]+\\]|[^\\s:\\[\\]]*):(6553[0-5]|655[0-2]\\d|65[0-4]\\d\\d|6[0-4]\\d{3}|[1-5]?\\d{1,4})$',
    range: 'address:port or :port',
    description:
      'A listener of its own for /metrics, such as 10.0.0.5:9464. /metrics is then served only there, and needs a token only if METRICS_TOKEN is set.',
  }),
  METRICS_TRUNK_LIMIT: integer({
    minimum: 1,
    maximum: 10_000,
    default: 200,
    range: '1 to 10000',
    description:
      'Number of trunks with their own series in /metrics, about 40 each. Other trunks are counted as `other`.',
  }),
  HOST: Type.String({
    minLength: 1,
    default: '127.0.0.1',
    range: 'an address or host name',
    description:
      'Address to listen on. Without authentication of Jambonz’s webhooks, sipwhy listens on loopback only. Elsewhere API_TOKEN must be set.',
  }),
  PORT: integer({ minimum: 0, maximum: 65_535, default: 8080, range: '0 to 65535', description: 'Port to listen on.' }),
  TLS_CA_FILE: text({
    range: 'a file of certificates in PEM',
    description:
      'Authorities to trust besides those of Node, for every TLS connection that sipwhy opens: to LiveKit, your application, incident webhooks, PostgreSQL and probed hosts.',
  }),
  SHUTDOWN_WAIT_SECONDS: integer({
    minimum: 0,
    maximum: 60,
    default: 1,
    range: '0 to 60',
    description:
      'How long webhooks are still accepted after SIGTERM. Meanwhile /readyz answers 503, so that the load balancer stops sending them.',
  }),
  LOG_LEVEL: Type.Union(
    (['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const).map((level) => Type.Literal(level)),
    {
      default: 'info',
      range: 'trace, debug, info, warn, error, fatal or silent',
      description: 'Lowest level that is logged.',
    },
  ),
  LOG_FORMAT: Type.Union(
    (['auto', 'json', 'pretty'] as const).map((format) => Type.Literal(format)),
    {
      default: 'auto',
      range: 'auto, json or pretty',
      description: 'Form of the log. auto: lines for people on a terminal, else JSON lines.',
    },
  ),
});
export type Environment = Static<typeof Environment>;

/** The names of the variables that hold secrets. */
export const SECRETS: readonly string[] = Object.entries(Environment.properties).flatMap(([name, property]) =>
  'secret' in property ? [name] : [],
);

/** A value as long as a good secret may be one, in the wrong variable; one with an @ may hold a password. */
const LONGEST_SHOWN = 15;

/** How a fault or warning shows the value of a variable. */
export function shown(value: string): string {
  const mayBeSecret = value.length > LONGEST_SHOWN || value.includes('@');
  return mayBeSecret ? `${value.length} characters that are not repeated here` : JSON.stringify(value);
}

/** The entries of a comma-separated variable, without blank ones. */
export function list(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
