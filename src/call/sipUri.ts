/** The parts of a SIP URI that decide where a call goes (RFC 3261, section 19.1). */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** User part without parameters or password, percent-decoded; empty when there is none. */
  readonly user: string;
  /** Lower case; IPv6 without brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** The `transport` parameter, in lower case. */
  readonly transport: string | undefined;
}

const SIP_URI = /^(sips?):(?:([^@]*)@)?(\[[^\]]+\]|[^:;?>\s]+)(?::(\d{1,5}))?((?:;[^?>]*)?)/i;

/** Parses a SIP URI, also inside angle brackets; `undefined` for anything else, such as a telephone number. */
export function parseSipUri(text: string): SipUri | undefined {
  const match = SIP_URI.exec(text.replace(/^[^<]*</, '').trim());
  if (!match) return undefined;
  const [, scheme = 'sip', userInfo = '', host = '', port, parameters = ''] = match;
  const user = userInfo.split(/[;:]/, 1)[0] ?? '';
  return {
    scheme: scheme.toLowerCase() === 'sips' ? 'sips' : 'sip',
    user: decode(user),
    host: host.replace(/^\[|\]$/g, '').toLowerCase(),
    port: port === undefined ? undefined : Number(port),
    transport: /;transport=([^;]+)/i.exec(parameters)?.[1]?.toLowerCase(),
  };
}

/** The user part of a number or URI as it stands in a webhook's `from` or `to`. */
export function userPartOf(text: string): string {
  return parseSipUri(text)?.user ?? text;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
