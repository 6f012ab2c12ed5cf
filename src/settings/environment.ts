import { type Static, Type } from 'typebox';

/** What the README's table says of a variable besides its name and default. */
export interface Documented {
  /** What values are taken, in words; also the text of the fault. */
  readonly range: string;
  readonly description: string;
  /** Whether the value must not be repeated in a message. */
  readonly secret?: true;
}

const text = (documented: Documented & { readonly pattern?: string; readonly default?: string }) =>
  Type.Optional(Type.String({ minLength: 1, ...documented }));
const integer = (documented: Documented & { minimum: number; maximum: number; default: number }) =>
  Type.Integer({ ...documented });

const FORWARD_URL = '^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@]+([/?#].*)?$';

/** Every variable that the service reads: the one place for name, default, range and description. */
export const Environment = Type.Object({
  LIVEKIT_URL: text({
    pattern: '^(wss?|https?)://[^/]+',
    range: 'a ws://, wss://, http:// or https:// URL',
    description: 'LiveKit’s server; its trunks and dispatch rules are read from there.',
  }),
  LIVEKIT_API_KEY: text({
    range: 'keys, comma-separated',
    description:
      'API key for LIVEKIT_URL and for LiveKit’s webhooks; without a URL it verifies webhooks only. Several while one is being replaced: the first is used for the API.',
  }),
  LIVEKIT_API_SECRET: text({
    range: 'secrets, comma-separated',
    secret: true,
    description: 'Secret of LIVEKIT_API_KEY; as many as there are keys, in the same order.',
  }),
  LIVEKIT_SIP_HOST: text({
    range: 'host names, comma-separated',
    description:
      'LiveKit’s SIP hosts, beside *.sip.livekit.cloud. Unset: every dialled SIP URI is taken for LiveKit’s.',
  }),
  LIVEKIT_DEPLOYMENT: Type.Union(
    (['auto', 'cloud', 'self-hosted'] as const).map((kind) => Type.Literal(kind)),
    {
      default: 'auto',
      range: 'auto, cloud or self-hosted',
      description:
        'Whether LiveKit is LiveKit Cloud or self-hosted: they answer differently. auto: by the hosts of LIVEKIT_URL, LIVEKIT_SIP_HOST and the dial.',
    },
  ),
  LIVEKIT_CONFIG_FILE: text({
    range: 'a path',
    description: 'Trunks and rules from a file instead of the API: {"inbound_trunks": […], "dispatch_rules": […]}.',
  }),
  LIVEKIT_REFRESH_SECONDS: integer({
    minimum: 5,
    maximum: 3600,
    default: 60,
    range: '5 to 3600',
    description: 'How often trunks and rules are read again.',
  }),
  JAMBONZ_WEBHOOK_SECRET: text({
    range: 'secrets, comma-separated',
    secret: true,
    description: 'Signing secret of Jambonz’s webhooks; several while one is being replaced.',
  }),
  JAMBONZ_SIGNATURE_TOLERANCE_SECONDS: integer({
    minimum: 1,
    maximum: 86_400,
    default: 300,
    range: '1 to 86400',
    description: 'How far a signature’s time may be from now.',
  }),
  JAMBONZ_BASIC_AUTH: text({
    pattern: '^[^:]+:.+$',
    range: 'user:password',
    secret: true,
    description:
      'HTTP basic credentials of Jambonz’s webhooks; GET and WebSocket hooks, which are never signed, need them.',
  }),
  JAMBONZ_SBC_ADDRESSES: text({
    range: 'IP addresses, comma-separated',
    description: 'Addresses from which the SBCs send to LiveKit. Unset: allowed_addresses of a trunk cannot be judged.',
  }),
  DIAL_ACTION_FORWARD_URL: text({
    pattern: FORWARD_URL,
    range: 'an http:// or https:// URL without credentials',
    secret: true,
    description: 'Your application’s own dial hook: gets each dial hook untouched, and its verbs go back to Jambonz.',
  }),
  DIAL_ACTION_FORWARD_TIMEOUT_MS: integer({
    minimum: 100,
    maximum: 9_500,
    default: 5_000,
    range: '100 to 9500',
    description:
      'How long DIAL_ACTION_FORWARD_URL may take, while the caller waits; Jambonz itself gives up after 10 s.',
  }),
  DIAL_ACTION_FALLBACK: Type.String({
    minLength: 1,
    default: '[]',
    range: 'a JSON array of verbs',
    description: 'What Jambonz is told where DIAL_ACTION_FORWARD_URL fails or is slow, such as [{"verb": "hangup"}].',
  }),
  CALL_STATUS_FORWARD_URL: text({
    pattern: FORWARD_URL,
    range: 'an http:// or https:// URL without credentials',
    secret: true,
    description:
      'Your application’s own status hook: gets each status untouched after sipwhy has acknowledged it, in order per call, and again until it takes it.',
  }),
  PROBE_TARGETS: text({
    range: 'SIP URIs or hosts, comma-separated',
    description:
      'What to probe, such as sip:example.com;transport=tcp. Unset: the hosts of LIVEKIT_SIP_HOST over UDP, or over the transport that an entry names.',
  }),
  PROBE_INTERVAL_SECONDS: integer({
    minimum: 0,
    maximum: 3600,
    default: 60,
    range: '0 to 3600',
    description: 'How often each target is probed; 0 turns it off.',
  }),
  INCIDENT_WEBHOOK_URL: text({
    range: 'http:// or https:// URLs, comma-separated',
    secret: true,
    description:
      'Who is told when an incident opens, worsens, closes or opens again; signed as of standardwebhooks.com. An incoming webhook of Slack’s does as well. Unset: nobody.',
  }),
  INCIDENT_WEBHOOK_SECRET: text({
    range: 'base64, comma-separated',
    secret: true,
    description:
      'Signing secret of INCIDENT_WEBHOOK_URL, with or without whsec_; several while one is being replaced. Slack needs none.',
  }),
  INCIDENT_WEBHOOK_FORMAT: Type.Optional(
    Type.Union([Type.Literal('standard'), Type.Literal('slack')], {
      range: 'standard or slack',
      description: 'What INCIDENT_WEBHOOK_URL takes. Unset: slack for hooks.slack.com, else standard.',
    }),
  ),
  DATABASE_URL: Type.String({
    minLength: 1,
    default: 'sipwhy.db',
    range: 'a file path or a postgres:// URL',
    description:
      'Where webhooks and explanations are kept: a SQLite file, or a PostgreSQL that several replicas share (docs/replicas.md).',
  }),
  JOURNAL_DIR: Type.Optional(
    Type.String({
      minLength: 1,
      range: 'a directory path',
      description:
        'Where webhooks are written down before they are acknowledged, until the store has them. A directory of its own for each process, on a disk that outlasts it. Unset: beside the SQLite file, or beside SPOOL_FILE.',
    }),
  ),
  SPOOL_FILE: Type.String({
    minLength: 1,
    default: 'sipwhy-spool.db',
    range: 'a file path',
    description:
      'With PostgreSQL: the spool of a version before JOURNAL_DIR. Its webhooks are carried over at the first start.',
  }),
  RETENTION_DAYS: integer({
    minimum: 1,
    maximum: 3650,
    default: 14,
    range: '1 to 3650',
    description: 'How long calls are kept that connected or are not counted.',
  }),
  RETENTION_FAILURE_DAYS: integer({
    minimum: 1,
    maximum: 3650,
    default: 90,
    range: '1 to 3650, not below RETENTION_DAYS',
    description: 'How long failed calls are kept, and incidents that are closed.',
  }),
  RETENTION_MAX_MB: integer({
    minimum: 0,
    maximum: 10_000_000,
    default: 10_000,
    range: '0 to 10000000',
    description:
      'Beyond this size of the store the oldest calls are deleted before their time, failed ones last; 0 for no limit.',
  }),
  API_TOKEN: text({ range: 'text', secret: true, description: 'Bearer token for /api/v1.' }),
  METRICS_TOKEN: text({ range: 'text', secret: true, description: 'Bearer token for /metrics.' }),
  METRICS_TRUNK_LIMIT: integer({
    minimum: 1,
    maximum: 10_000,
    default: 200,
    range: '1 to 10000',
    description: 'Trunks with series of their own in /metrics, some 35 each; those beyond are counted as `other`.',
  }),
  HOST: Type.String({
    minLength: 1,
    default: '127.0.0.1',
    range: 'an address or host name',
    description: 'Address to listen on; loopback only as long as webhooks are not authenticated.',
  }),
  PORT: integer({ minimum: 0, maximum: 65_535, default: 8080, range: '0 to 65535', description: 'Port to listen on.' }),
  SHUTDOWN_WAIT_SECONDS: integer({
    minimum: 0,
    maximum: 60,
    default: 1,
    range: '0 to 60',
    description:
      'How long webhooks are still taken after SIGTERM, while /readyz says 503, so that a load balancer sends them elsewhere.',
  }),
  LOG_LEVEL: Type.Union(
    (['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const).map((level) => Type.Literal(level)),
    {
      default: 'info',
      range: 'trace, debug, info, warn, error, fatal or silent',
      description: 'How much is logged.',
    },
  ),
});
export type Environment = Static<typeof Environment>;
