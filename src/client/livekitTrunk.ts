import { ClientFault, type Environment, optionOr } from './clientFault.ts';

export interface LiveKitTrunkOptions {
  /** LiveKit's SIP host, with a port if it isn't the standard one: `<project id>.sip.livekit.cloud` for LiveKit Cloud. */
  readonly host: string;
  /** Default: `tcp`. */
  readonly transport?: 'udp' | 'tcp' | 'tls';
  /** Username of LiveKit's inbound trunk. Default: `LIVEKIT_SIP_USERNAME`. */
  readonly username?: string;
  /** Password of LiveKit's inbound trunk. Default: `LIVEKIT_SIP_PASSWORD`. */
  readonly password?: string;
  /** Whether the trunk asks for credentials. Default: whether a username or a password is set. */
  readonly requiresCredentials?: boolean;
  /** Default: `process.env`. */
  readonly env?: Environment;
}

/** A target of Jambonz's dial verb. */
export interface LiveKitTarget {
  readonly type: 'sip';
  readonly sipUri: string;
  readonly auth?: { readonly username: string; readonly password: string };
}

/** Tells sipwhy which username was sent; `false`: no credentials. */
export interface SipwhyTag extends Readonly<Record<string, unknown>> {
  readonly sipwhy: { readonly auth_username: string | false };
}

/** The keys of a dial verb that concern LiveKit. */
export interface LiveKitDial {
  readonly target: LiveKitTarget[];
  readonly tag: SipwhyTag;
}

/** A LiveKit trunk that an application dials. */
export interface LiveKitTrunk {
  /** The `tag` of the dial verb. Jambonz returns it in its webhooks as `customer_data`. */
  readonly tag: SipwhyTag;
  /** A `target` of the dial verb for a called number. Throws `ClientFault` if it is no number or name. */
  target(number: string): LiveKitTarget;
  /** `target` and `tag` for a called number, to be spread into the dial verb. Throws as `target` does. */
  dial(number: string): LiveKitDial;
}

/**
 * Checks how LiveKit is dialled. Call it when the application starts, because it throws `ClientFault` if the host can't be
 * LiveKit's, or if credentials are missing although the trunk asks for them.
 */
export function livekitTrunk(options: LiveKitTrunkOptions): LiveKitTrunk {
  const host = hostOf(options.host);
  const { transport = 'tcp' } = options;
  if (!['udp', 'tcp', 'tls'].includes(transport)) {
    throw new ClientFault(`transport must be udp, tcp or tls, got ${JSON.stringify(transport)}`);
  }
  const auth = credentialsOf(options);
  const tag: SipwhyTag = { sipwhy: { auth_username: auth?.username ?? false } };
  const target = (number: string): LiveKitTarget => ({
    type: 'sip',
    sipUri: `sip:${userOf(number)}@${host};transport=${transport}`,
    ...(auth && { auth: { ...auth } }),
  });
  return { tag, target, dial: (number) => ({ target: [target(number)], tag: structuredClone(tag) }) };
}

/** A target for a single call. Throws `ClientFault` as `livekitTrunk` and its `target` do. */
export function livekitTarget({
  number,
  ...options
}: LiveKitTrunkOptions & { readonly number: string }): LiveKitTarget {
  return livekitTrunk(options).target(number);
}

/** A host name, an IPv4 address or an IPv6 address in brackets, each with or without a port. */
const HOST = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(:\d{1,5})?$/i;

function hostOf(host: unknown): string {
  if (typeof host !== 'string' || !HOST.test(host)) {
    throw new ClientFault(
      `host must be LiveKit’s SIP host alone, such as <project id>.sip.livekit.cloud, without sip: and parameters, got ${JSON.stringify(host)}`,
    );
  }
  if (/(?<!\.sip)\.livekit\.cloud(:\d+)?$/i.test(host)) {
    throw new ClientFault(
      `host must be the SIP host in the LiveKit project’s settings, <project id>.sip.livekit.cloud; ${host} has the form of LIVEKIT_URL’s host`,
    );
  }
  return host;
}

/** The user part of a SIP URI. LiveKit compares it with the trunk's numbers. */
function userOf(number: unknown): string {
  // Not quoted, because it may be a person's number.
  if (typeof number !== 'string' || !/^[^\s@:;<>]+$/.test(number)) {
    throw new ClientFault('number must be the called number or name alone, such as +4915112345678, not a SIP URI');
  }
  return encodeURIComponent(number).replaceAll('%2B', '+');
}

function credentialsOf(options: LiveKitTrunkOptions): LiveKitTarget['auth'] {
  const { env = process.env } = options;
  const username = optionOr(options.username, env.LIVEKIT_SIP_USERNAME);
  const password = optionOr(options.password, env.LIVEKIT_SIP_PASSWORD);
  if (username !== undefined && password !== undefined) return { username, password };
  const { requiresCredentials = username !== undefined || password !== undefined } = options;
  if (!requiresCredentials) return undefined;
  const missing = [
    ...(username === undefined ? ['LIVEKIT_SIP_USERNAME'] : []),
    ...(password === undefined ? ['LIVEKIT_SIP_PASSWORD'] : []),
  ];
  throw new ClientFault(
    `${missing.join(' and ')} must be set, because LiveKit’s trunk asks for a username and a password; set requiresCredentials to false if it asks for none`,
  );
}
