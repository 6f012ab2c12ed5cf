import { type Change, type Fix, type Paste, pretty } from './fix.ts';

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
