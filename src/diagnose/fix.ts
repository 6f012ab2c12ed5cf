import type { InboundTrunk } from '../trunks/snapshot.ts';

/** Something to paste. */
export interface Paste {
  readonly label: string;
  readonly format: 'json' | 'shell';
  readonly text: string;
}

/** What a fix changes, so that it can be tried on a copy of the configuration and of the call. */
export type Change =
  | { readonly kind: 'dial'; readonly host?: string; readonly user?: string; readonly username?: string }
  | {
      readonly kind: 'trunk';
      readonly sip_trunk_id: string;
      readonly field: ListField;
      readonly add?: readonly string[];
      readonly remove?: readonly string[];
    };

/** A change that would make the call connect, as far as this cause is concerned. */
export interface Fix {
  /** What to do, in one sentence with this call's values. */
  readonly action: string;
  readonly pastes: readonly Paste[];
  readonly change?: Change;
}

export type ListField = 'numbers' | 'allowed_addresses' | 'allowed_numbers';

/**
 * Adds entries to, or takes them off, one list of a trunk: as the body of LiveKit's API call, which changes this field
 * only, and as a command.
 * `lk sip inbound update` knows --numbers, --auth-user and --auth-pass; for the other lists it takes a file, with which
 * it replaces the trunk as a whole. So the file holds all that is known of the trunk.
 */
export function trunkListFix(
  trunk: InboundTrunk,
  field: ListField,
  change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
  action: string,
): Fix {
  const changed = [...trunk[field].filter((entry) => !change.remove?.includes(entry)), ...(change.add ?? [])];
  return {
    action,
    pastes: [apiUpdate(trunk, { [field]: change }), lkUpdate(trunk, field, changed)],
    change: { kind: 'trunk', sip_trunk_id: trunk.sip_trunk_id, field, ...change },
  };
}

/** The body of `POST /twirp/livekit.SIP/UpdateSIPInboundTrunk`; it leaves every other field as it is. */
function apiUpdate(trunk: InboundTrunk, update: Record<string, unknown>): Paste {
  return {
    label: 'LiveKit API: POST /twirp/livekit.SIP/UpdateSIPInboundTrunk',
    format: 'json',
    text: pretty({ sip_trunk_id: trunk.sip_trunk_id, update }),
  };
}

function lkUpdate(trunk: InboundTrunk, field: ListField, list: readonly string[]): Paste {
  const id = trunk.sip_trunk_id;
  if (field === 'numbers') {
    const numbers = list.map((number) => `--numbers ${shellQuote(number)}`).join(' ');
    return { label: 'or with lk', format: 'shell', text: `lk sip inbound update --id ${shellQuote(id)} ${numbers}` };
  }
  const { sip_trunk_id, has_password, ringing_timeout_seconds, rest, ...known } = trunk;
  const file = {
    ...Object.fromEntries(Object.entries({ ...known, [field]: list }).filter(([, value]) => value.length > 0)),
    ...(has_password && { auth_password: '<the password, which sipwhy does not keep>' }),
    ...rest,
  };
  return {
    label: 'or with lk, which replaces the whole trunk by this file',
    format: 'shell',
    text: `cat > ${shellQuote(`${id}.json`)} <<'EOF'\n${pretty(file)}\nEOF\nlk sip inbound update --id ${shellQuote(id)} ${shellQuote(`${id}.json`)}`,
  };
}

/** A change of what the application dials. The verb to paste is made from all such changes of a call together. */
export function dialFix(change: Omit<Extract<Change, { kind: 'dial' }>, 'kind'>, action: string): Fix {
  return { action, pastes: [], change: { kind: 'dial', ...change } };
}

/**
 * The dial verb of a Jambonz application with several changes at once: one that mends a single fault of many would
 * fail again when pasted. Where two changes differ the first one counts.
 */
export function dialVerb(to: string, changes: readonly Change[]): Paste {
  const { host, user, username } = Object.assign({}, ...changes.filter(({ kind }) => kind === 'dial').toReversed());
  let sipUri = to;
  if (user !== undefined) sipUri = sipUri.replace(/^(<?sips?:)[^@]*@/i, (_, scheme) => `${scheme}${encodeUser(user)}@`);
  if (host !== undefined) sipUri = sipUri.replace(/@[^;?>]+/, () => `@${host}`);
  const verb = {
    verb: 'dial',
    target: [{ type: 'sip', sipUri, ...(username && { auth: { username, password: '<the password of the trunk>' } }) }],
    // The tag comes back in the webhooks and tells sipwhy which credentials were sent.
    ...(username && { tag: { sipwhy: { auth_username: username } } }),
  };
  return { label: 'Jambonz dial verb, with every change of what is dialled', format: 'json', text: pretty(verb) };
}

function encodeUser(user: string): string {
  return encodeURIComponent(user).replaceAll('%2B', '+');
}

/** A change for which there is nothing to paste. */
export function plainFix(action: string): Fix {
  return { action, pastes: [] };
}

/** JSON to read and to paste: indented, lists of plain values on one line. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(
    /\[\n\s+([^[\]{}]*?)\n\s+\]/g,
    (_, items: string) => `[${items.replace(/\n\s+/g, ' ')}]`,
  );
}

function shellQuote(text: string): string {
  return /^[\w.+@:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
