import { maskSecret, maskUrl } from './masked.ts';

/** What `connect` found out for the settings of sipwhy. */
export interface Found {
  /** `undefined` if the account has none. */
  readonly webhookSecret: string | undefined;
  readonly sbcAddresses: readonly string[];
  /** `undefined` if there is nothing to forward to. */
  readonly forwardUrl: string | undefined;
  /** What the environment sets for LiveKit. */
  readonly livekit: Readonly<Record<string, string>>;
}

/** A setting of sipwhy as it should be. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly change: 'same' | 'added' | 'changed';
  /** For a person: the name and value, secrets masked; for a change also the value before. */
  readonly text: string;
}

interface Settings {
  readonly settings: readonly Setting[];
  /** Settings that come from files of their own, and can't be written here. */
  readonly notes: readonly string[];
}

/** `current`: the value that a variable has in the file of settings, or else in the environment. */
export function settingsFor(found: Found, current: (name: string) => string | undefined): Settings {
  const settings: Setting[] = [];
  const notes: string[] = [];
  const add = (name: string, value: string, before = current(name)) => {
    const change = before === undefined ? 'added' : before === value ? 'same' : 'changed';
    const was = change === 'changed' && before !== undefined ? ` (before: ${shown(name, before)})` : '';
    settings.push({ name, value, change, text: `${name}=${shown(name, value)}${was}` });
  };
  const addSecret = (name: string, value: string, before = current(name)) => {
    const file = current(`${name}_FILE`);
    if (file === undefined) add(name, value, before);
    else if (before !== value) notes.push(`${name} comes from ${file}: make sure that it holds ${shown(name, value)}.`);
  };
  if (found.webhookSecret !== undefined) {
    const before = current('JAMBONZ_WEBHOOK_SECRET');
    // Other accounts may sign with the secrets that are there.
    addSecret('JAMBONZ_WEBHOOK_SECRET', union(before, [found.webhookSecret]), before);
  }
  if (found.sbcAddresses.length > 0)
    add('JAMBONZ_SBC_ADDRESSES', union(current('JAMBONZ_SBC_ADDRESSES'), found.sbcAddresses));
  if (found.forwardUrl !== undefined) addSecret('CALL_STATUS_FORWARD_URL', found.forwardUrl);
  for (const [name, value] of Object.entries(found.livekit)) {
    const before = current(name);
    // A value in the file is the service's own.
    if (before === undefined || before === value) addSecret(name, value, before);
  }
  return { settings, notes };
}

/** A comma-separated list with these entries too; unchanged if it has them. */
function union(before: string | undefined, wanted: readonly string[]): string {
  const entries = (before ?? '').split(',').map((entry) => entry.trim());
  const missing = wanted.filter((entry) => !entries.includes(entry));
  return before === undefined ? missing.join(',') : [before, ...missing].join(',');
}

function shown(name: string, value: string): string {
  if (name === 'CALL_STATUS_FORWARD_URL') return maskUrl(value);
  if (!/SECRET$/.test(name)) return value;
  return value
    .split(',')
    .map((secret) => maskSecret(secret.trim()))
    .join(',');
}
