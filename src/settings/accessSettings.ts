import { parseAddress } from '../core/trunks/address.ts';
import { type Environment, list } from './environment.ts';

/** Where the service listens, and who may read. */
export interface AccessSettings {
  readonly host: string;
  readonly isLoopback: boolean;
  /** Names besides those of loopback by which the service is reached, in lower case and without ports. */
  readonly hostNames: readonly string[];
  readonly apiToken: string | undefined;
  readonly metricsToken: string | undefined;
  /** Whether reads need no token even for others than the users of this machine, because something else checks them. */
  readonly allowsOpenApi: boolean;
  /** Whether language models get telephone numbers in full. */
  readonly showsNumbersToModels: boolean;
  /** A listener for `/metrics` alone; `undefined` if the main one serves it. */
  readonly metricsListener: { readonly host: string; readonly port: number; readonly isLoopback: boolean } | undefined;
}

/** Whether an address or name leads to this machine alone. */
export function isLoopbackHost(host: string): boolean {
  const address = parseAddress(host)?.bytes;
  if (!address) return host.toLowerCase() === 'localhost';
  return address.length === 4 ? address[0] === 127 : address.at(-1) === 1 && address.slice(0, -1).every((b) => b === 0);
}

/** Anyone who reaches an unauthenticated hook can send fake calls, so it is on loopback only. */
export function listenHost(env: Environment): string {
  const isAuthenticated = list(env.JAMBONZ_WEBHOOK_SECRET).length > 0 || env.JAMBONZ_BASIC_AUTH !== undefined;
  return isAuthenticated || isLoopbackHost(env.HOST) ? env.HOST : '127.0.0.1';
}

export function accessFaults(env: Environment): string[] {
  const host = listenHost(env);
  if (isLoopbackHost(host) || env.API_TOKEN !== undefined || isOpen(env)) return [];
  return [
    `API_TOKEN must be set with HOST=${host}, because the API shows telephone numbers to everyone who reaches it; set it, or set ALLOW_OPEN_API=true if a proxy in front of sipwhy checks who reads`,
  ];
}

export function accessFrom(env: Environment): AccessSettings {
  const host = listenHost(env);
  return {
    host,
    isLoopback: isLoopbackHost(host),
    hostNames: list(env.ALLOWED_HOSTS).map((name) => name.toLowerCase()),
    apiToken: env.API_TOKEN,
    metricsToken: env.METRICS_TOKEN,
    allowsOpenApi: isOpen(env),
    showsNumbersToModels: env.MCP_NUMBERS === 'plain',
    metricsListener: metricsListener(env, host),
  };
}

function metricsListener({ METRICS_LISTEN: text }: Environment, mainHost: string): AccessSettings['metricsListener'] {
  if (text === undefined) return undefined;
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, colon).replace(/^\[|\]$/g, '') || mainHost;
  return { host, port: Number(text.slice(colon + 1)), isLoopback: isLoopbackHost(host) };
}

/** Shorter tokens can be guessed. */
const WEAK_TOKEN_LENGTH = 16;

export function accessWarnings(env: Environment): string[] {
  const warnings: string[] = [];
  for (const name of ['API_TOKEN', 'METRICS_TOKEN'] as const) {
    const token = env[name];
    if (token !== undefined && token.length < WEAK_TOKEN_LENGTH)
      warnings.push(`${name} is weak. Use at least ${WEAK_TOKEN_LENGTH} random characters.`);
  }
  const host = listenHost(env);
  if (isOpen(env) && env.API_TOKEN === undefined && !isLoopbackHost(host)) {
    warnings.push(
      `API_TOKEN is not set and ALLOW_OPEN_API is: everyone who reaches ${host} can read telephone numbers, unless a proxy checks who reads.`,
    );
  }
  return warnings;
}

function isOpen(env: Environment): boolean {
  return env.ALLOW_OPEN_API === 'true';
}
