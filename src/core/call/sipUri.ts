/** The parts of a SIP URI that decide where a call goes (RFC 3261, section 19.1). */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** User part without parameters or password, percent-decoded; empty when there is none. */
  readonly user: string;
  /** Whether the user part is written with escapes such as `%2B`. */
  readonly isEscaped: boolean;
  /** Lower case, without the dot that may end a name; IPv6 in its shortest form, without brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** The `transport` parameter, in lower case. */
  readonly transport: string | undefined;
}

const SIP_URI = /^(sips?):(?:([^@]*)@)?(\[[^\]]+\]|[^:;?>\s]+)(?::(\d{1,5}))?((?:;[^?>]*)?)/i;

/** Parses a SIP URI, with or without angle brackets; `undefined` for anything else, such as a telephone number. */
export function parseSipUri(text: string): SipUri | undefined {
  const match = SIP_URI.exec(text.slice(text.indexOf('<') + 1).trim());
  if (!match) return undefined;
  const [, scheme = 'sip', userInfo = '', host = '', port, parameters = ''] = match;
  const written = userInfo.replace(/[;:].*/s, '');
  const user = decodeEscapes(written);
  return {
    scheme: scheme.toLowerCase() === 'sips' ? 'sips' : 'sip',
    user,
    isEscaped: user !== written,
    host: canonicalHost(host),
    port: port === undefined ? undefined : Number(port),
    transport: /;transport=([^;]+)/i.exec(parameters)?.[1]?.toLowerCase(),
  };
}

/** The host of a SIP URI, or of a host with or without scheme, port, parameters or brackets, as operators write it. */
export function sipHostOf(text: string): string {
  if (/^sips?:/i.test(text)) return parseSipUri(text)?.host ?? text.toLowerCase();
  const isBareIPv6 = /^[\da-f]*:[\da-f.]*:[\da-f:.]*$/i.test(text);
  return parseSipUri(`sip:${isBareIPv6 ? `[${text}]` : text}`)?.host ?? text.toLowerCase();
}

/** The user part of a webhook's `from` or `to`. Text that is not a SIP URI is returned unchanged. */
export function userPartOf(text: string): string {
  return parseSipUri(text)?.user ?? text;
}

/** A number, or the user part of a SIP URI, without escapes, also where it was escaped twice: `%252B49…` is `+49…`. */
export function withoutEscapes(text: string): string {
  return decodeEscapes(decodeEscapes(userPartOf(text)));
}

/** A webhook's `from` or `to` without the password of its SIP URI, and without the values of its header part. */
export function withoutUriSecrets(text: string): string {
  // Most texts have no colon, and so no URI.
  if (!text.includes(':')) return text;
  const [scheme = ''] = /\bsips?:/i.exec(text) ?? [];
  if (scheme === '') return text;
  const begin = text.indexOf(scheme) + scheme.length;
  const length = text.slice(begin).search(/[<>\s]/);
  const end = length < 0 ? text.length : begin + length;
  const [address = '', ...headers] = text.slice(begin, end).split('?');
  const at = address.lastIndexOf('@');
  const colon = address.indexOf(':');
  const plain = colon >= 0 && colon < at ? address.slice(0, colon) + address.slice(at) : address;
  const names = headers.map((part) => part.replaceAll(/=[^&]*/g, ''));
  return text.slice(0, begin) + [plain, ...names].join('?') + text.slice(end);
}

// An IPv6 address has many forms. The URL parser returns the shortest one.
function canonicalHost(host: string): string {
  const url = `http://${host}`;
  const canonical = host.startsWith('[') && URL.canParse(url) ? new URL(url).hostname : host;
  return canonical
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

/** Text with its escapes, such as `%2B`, read once. Text with a bare `%` is returned unchanged. */
export function decodeEscapes(text: string): string {
  // Most texts have none, and are read for every call.
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
