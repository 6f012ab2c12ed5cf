import type { InboundTrunk } from '../trunks/snapshot.ts';

/** Something to paste. */
export interface Paste {
  readonly label: string;
  readonly format: 'json' | 'shell';
  readonly text: string;
}

/** A change that would make the call connect, as far as this cause is concerned. */
export interface Fix {
  /** What to do, in one sentence with this call's values. */
  readonly action: string;
  readonly pastes: readonly Paste[];
}

type ListField = 'numbers' | 'allowed_addresses' | 'allowed_numbers';

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
  return { action, pastes: [apiUpdate(trunk, { [field]: change }), lkUpdate(trunk, field, changed)] };
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

/** The dial verb of a Jambonz application, with what has to change in it. */
export function dialFix(
  target: { readonly to: string; readonly auth?: { readonly username: string } },
  action: string,
): Fix {
  const auth = target.auth && {
    auth: { username: target.auth.username, password: '<the password of the trunk>' },
  };
  const verb = {
    verb: 'dial',
    target: [{ type: 'sip', sipUri: target.to, ...auth }],
    // The tag comes back in the webhooks and tells sipwhy which credentials were sent.
    ...(target.auth && { tag: { sipwhy: { auth_username: target.auth.username } } }),
  };
  return { action, pastes: [{ label: 'Jambonz dial verb', format: 'json', text: pretty(verb) }] };
}

/** A change for which there is nothing to paste. */
export function plainFix(action: string): Fix {
  return { action, pastes: [] };
}

function pretty(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}

function shellQuote(text: string): string {
  return /^[\w.+@:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
