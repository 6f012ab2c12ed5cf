export const EXAMPLE = `{
  "verb": "dial",
  "target": [
    {
      "type": "sip",
      "sipUri": "sip:+441632960001@example.sip.livekit.cloud",
      "auth": { "username": "livekit_client", "password": "…" }
    }
  ]
}`;

/** The fields of the form, by their names in the address. */
export const FIELDS = ['to', 'from', 'source', 'auth', 'username', 'srtp'] as const;
export type Field = (typeof FIELDS)[number];
export type Entered = Readonly<Partial<Record<Field, string>>>;

export interface Fault {
  readonly field: Field;
  readonly text: string;
}

type Read = { readonly ok: true; readonly body: object } | { readonly ok: false; readonly fault: Fault };

/** What a form or an address holds, without empty fields. */
export function enteredIn(source: { get(name: string): unknown }): Entered {
  const pairs = FIELDS.map((field) => [field, String(source.get(field) ?? '').trim()] as const);
  return Object.fromEntries(pairs.filter(([, text]) => text !== ''));
}

/** Text in braces or brackets is a dial verb or a createCall body; any other text is whom to call. */
export function isJson(to: string): boolean {
  return /^\s*[[{]/.test(to);
}

/** The API's request body. */
export function questionFrom({ to = '', from, source, auth, username, srtp }: Entered): Read {
  const known = { ...(from && { caller: from }), ...(source && { source }) };
  if (isJson(to)) {
    try {
      return { ok: true, body: { dial: JSON.parse(to), ...known } };
    } catch (error) {
      // What JSON.parse throws is an Error.
      return { ok: false, fault: { field: 'to', text: `Not valid JSON: ${(error as Error).message}.` } };
    }
  }
  if (auth === 'username' && !username) return { ok: false, fault: { field: 'username', text: 'Enter the username.' } };
  const credentials = auth === 'none' ? { auth_username: false } : auth === 'username' && { auth_username: username };
  return { ok: true, body: { to, ...known, ...credentials, ...(srtp && { srtp: srtp === 'offered' }) } };
}

/** Longer addresses are refused by servers and proxies. */
const LONGEST_IN_ADDRESS = 3_000;
const SECRET = /password|secret|token|authorization|api_?key/i;

/** What the address keeps of the form: no secret of a dial verb, and nothing too long. */
export function forAddress(entered: Entered): Entered {
  const { to = '', ...others } = entered;
  if (!isJson(to)) return to.length > LONGEST_IN_ADDRESS ? others : entered;
  const shown = JSON.stringify(
    JSON.parse(to, (key, value) => (SECRET.test(key) ? '…' : value)),
    undefined,
    2,
  );
  return shown.length > LONGEST_IN_ADDRESS ? others : { ...others, to: shown };
}

/** The field that the API complains of. Its texts begin with its name for the field. */
export function fieldOfFault(detail: string): Field {
  const [name = ''] = detail.toLowerCase().split(' ');
  const fields: Readonly<Record<string, Field>> = { caller: 'from', source: 'source', auth_username: 'username' };
  return fields[name] ?? 'to';
}
