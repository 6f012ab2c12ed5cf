import { parseAddress } from '../../core/trunks/address.ts';
import { maskUrl } from '../masked.ts';
import type { JambonzApplication, JambonzHook } from './jambonzAnswers.ts';
import type { NewHook } from './jambonzApi.ts';

/** The addresses under which Jambonz and LiveKit reach sipwhy. */
export interface HookUrls {
  readonly callStatus: string;
  readonly dialAction: string;
  readonly livekit: string;
  readonly health: string;
}

const STATUS_PATH = '/jambonz/call-status';
/** Asks Jambonz to send a status again that failed, up to five times. */
const RETRIES = '#rc=5&rp=all';

export function hookUrls(base: string): HookUrls {
  const start = base.replace(/\/+$/, '');
  return {
    callStatus: `${start}${STATUS_PATH}${RETRIES}`,
    dialAction: `${start}/jambonz/dial-action`,
    livekit: `${start}/livekit/webhook`,
    health: `${start}/healthz`,
  };
}

/** What the hook that an application has means for a change to sipwhy's. */
export type FormerHook =
  | { readonly kind: 'none' }
  /** It is the wanted hook. */
  | { readonly kind: 'same' }
  /** sipwhy's, at another address, or without retries. */
  | { readonly kind: 'sipwhy' }
  /** Another application's, to which sipwhy can forward. `url` is a value for CALL_STATUS_FORWARD_URL. */
  | { readonly kind: 'forwarded'; readonly url: string; readonly isGet: boolean }
  /** Another application's, which would get no statuses any more. */
  | { readonly kind: 'lost'; readonly reason: string };

/** `forwardUrl`: what CALL_STATUS_FORWARD_URL already is. */
export function formerHook(
  hook: JambonzHook | null | undefined,
  wantedUrl: string,
  forwardUrl: string | undefined,
): FormerHook {
  // Jambonz keeps an empty URL where the portal's field was left empty.
  if (!hook || hook.url.trim() === '') return { kind: 'none' };
  const isGet = hook.method?.toUpperCase() === 'GET';
  if (hook.url === wantedUrl && !isGet) return { kind: 'same' };
  if (!URL.canParse(hook.url)) return { kind: 'lost', reason: 'its URL is not absolute' };
  const url = new URL(hook.url);
  if (url.pathname.endsWith(STATUS_PATH)) return { kind: 'sipwhy' };
  if (!/^https?:$/.test(url.protocol))
    return { kind: 'lost', reason: 'it is a WebSocket, to which sipwhy can’t forward' };
  if (url.username !== '' || url.password !== '')
    return { kind: 'lost', reason: 'its URL has credentials, which CALL_STATUS_FORWARD_URL must not have' };
  // The fragment is for Jambonz alone.
  url.hash = '';
  if (forwardUrl !== undefined && withoutFragment(forwardUrl) !== url.href)
    return { kind: 'lost', reason: 'CALL_STATUS_FORWARD_URL is already set to another URL' };
  return { kind: 'forwarded', url: url.href, isGet };
}

function withoutFragment(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  url.hash = '';
  return url.href;
}

/**
 * The hook to set. It keeps the credentials of a hook to which sipwhy forwards, because sipwhy forwards Jambonz's
 * Authorization header unchanged. `basicAuth`: sipwhy's own, as `user:password`.
 */
export function newHook(
  url: string,
  hook: JambonzHook | null | undefined,
  former: FormerHook,
  basicAuth: string | undefined,
): NewHook {
  const isKept = former.kind === 'forwarded' || former.kind === 'sipwhy';
  if (isKept && hook?.username && hook.password)
    return { url, method: 'POST', username: hook.username, password: hook.password };
  if (basicAuth === undefined) return { url, method: 'POST' };
  const colon = basicAuth.indexOf(':');
  return { url, method: 'POST', username: basicAuth.slice(0, colon), password: basicAuth.slice(colon + 1) };
}

/** A hook for a person: never its password. */
export function hookText(hook: JambonzHook | NewHook | null | undefined): string {
  if (!hook || hook.url === '') return 'none';
  const method = hook.method?.toUpperCase() || 'POST';
  const credentials = hook.username && hook.password ? ', with basic credentials' : '';
  return `${maskUrl(hook.url)} (${method}${credentials})`;
}

/** What keeps Jambonz from reaching the hook, as far as its URL tells. */
export function addressWarnings(sipwhyUrl: string, jambonzUrl: string): string[] {
  const { hostname, protocol } = new URL(sipwhyUrl);
  const warnings: string[] = [];
  const kind = hostKind(hostname);
  const isCloud = /(^|\.)jambonz\.(cloud|us|io)$/.test(new URL(jambonzUrl).hostname);
  if (kind === 'loopback') {
    warnings.push(
      `${hostname} is this machine itself: Jambonz reaches it only if Jambonz runs on this machine${isCloud ? ', which jambonz.cloud does not' : ''}. Give --sipwhy-url an address that Jambonz reaches.`,
    );
  } else if (kind === 'private') {
    warnings.push(
      `${hostname} is a private address: ${isCloud ? 'jambonz.cloud can’t reach it' : 'Jambonz reaches it only from the same network'}.`,
    );
  }
  if (protocol === 'http:' && kind === 'public') {
    warnings.push(
      'The hook’s URL is http://: telephone numbers cross the network unencrypted. Use https:// if you can.',
    );
  }
  return warnings;
}

/** What a request to Jambonz's API with the key risks. */
export function keyWarnings(jambonzUrl: string): string[] {
  const { hostname, protocol } = new URL(jambonzUrl);
  if (protocol === 'https:' || hostKind(hostname) !== 'public') return [];
  return ['JAMBONZ_API_URL is http://: the API key and the webhook secret cross the network unencrypted.'];
}

function hostKind(hostname: string): 'loopback' | 'private' | 'public' {
  if (/^(localhost|.+\.localhost)$/i.test(hostname)) return 'loopback';
  const bytes = parseAddress(hostname.replace(/^\[|\]$/g, ''))?.bytes;
  if (!bytes) return 'public';
  const [first = 0, second = 0] = bytes;
  if (bytes.length === 16) {
    const isOnlyLast = bytes.slice(0, 15).every((byte) => byte === 0);
    if (isOnlyLast && (bytes[15] ?? 0) <= 1) return 'loopback';
    return (first & 0xfe) === 0xfc || (first === 0xfe && (second & 0xc0) === 0x80) ? 'private' : 'public';
  }
  if (first === 127 || bytes.every((byte) => byte === 0)) return 'loopback';
  const isPrivate =
    first === 10 ||
    (first === 172 && second >= 16 && second <= 31) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254) ||
    (first === 100 && second >= 64 && second <= 127);
  return isPrivate ? 'private' : 'public';
}

/**
 * Whether Jambonz ignores the call_status_hook of calls to the application: it sends statuses over the socket of a
 * call_hook that is a WebSocket (jambonz-feature-server, lib/middleware.js).
 */
export function isWebSocketApplication({ call_hook: hook }: JambonzApplication): boolean {
  return hook !== null && hook !== undefined && (/^wss?:/i.test(hook.url) || hook.method?.toUpperCase() === 'WS');
}
