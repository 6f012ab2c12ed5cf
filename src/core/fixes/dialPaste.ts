import { type Change, type Paste, pasteOf, pretty } from './fix.ts';

/**
 * The dial verb of a Jambonz application with several changes at once: a verb that fixes only one of several faults
 * would fail again. If two changes contradict each other, the first one counts.
 */
export function dialVerb(to: string, changes: readonly Change[]): Paste {
  const { username, srtp, sipUri } = changed(to, changes);
  const verb = {
    verb: 'dial',
    ...(srtp && { srtpEncryption: 'sdes' }),
    target: [{ type: 'sip', sipUri, ...authOf(username) }],
    ...tagOf(username),
  };
  return pasteOf({ label: 'Dial verb', format: 'json', text: pretty(verb) });
}

/**
 * The same for a call that Jambonz's REST API places. Its createCall takes the target under `to`, and has no field for
 * SRTP: the SBC reads it from a header, which the dial verb's srtpEncryption only sets.
 */
export function createCallBody(to: string, changes: readonly Change[]): Paste {
  const { username, srtp, sipUri } = changed(to, changes);
  const headers = srtp && { headers: { 'X-Jambonz-SRTP': 'sdes' } };
  const body = { to: { type: 'sip', sipUri, ...authOf(username), ...headers }, ...tagOf(username) };
  return pasteOf({ label: 'createCall, these fields', format: 'json', text: pretty(body) });
}

interface Dialled {
  readonly username: string | undefined;
  readonly srtp: true | undefined;
  readonly sipUri: string;
}

function changed(to: string, changes: readonly Change[]): Dialled {
  const { host, user, username, srtp } = Object.assign(
    {},
    ...changes.filter(({ kind }) => kind === 'dial').toReversed(),
  );
  // A check may ask for a number alone.
  let sipUri = /^<?sips?:/i.test(to) ? to : `sip:${encodeUser(to)}@<LiveKit’s SIP host>`;
  if (user !== undefined) sipUri = sipUri.replace(/^(<?sips?:)[^@]*@/i, (_, scheme) => `${scheme}${encodeUser(user)}@`);
  if (host !== undefined) sipUri = sipUri.replace(/@[^;?>]+/, () => `@${host}`);
  return { username, srtp, sipUri };
}

function authOf(username: string | undefined) {
  return username ? { auth: { username, password: '<the password of the trunk>' } } : {};
}

/** The tag comes back in the webhooks and shows sipwhy which credentials were sent. */
function tagOf(username: string | undefined) {
  return username ? { tag: { sipwhy: { auth_username: username } } } : {};
}

/** A user part as it is written in a SIP URI. */
export function encodeUser(user: string): string {
  return encodeURIComponent(user).replaceAll('%2B', '+');
}
