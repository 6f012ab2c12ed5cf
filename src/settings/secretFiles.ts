import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** More than any secret or list of secrets. A longer file is another one by mistake. */
const LONGEST_BYTES = 16 * 1024;

export interface SecretFiles {
  /** The secrets by the names of their variables. */
  readonly values: Readonly<Record<string, string>>;
  /** By the name of the secret's variable. Each says what to do, and never repeats what a file holds. */
  readonly faults: ReadonlyMap<string, string>;
}

/** Reads the secrets whose variables `<name>_FILE` are set, as Docker and Kubernetes mount them. */
export function readSecretFiles(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SecretFiles {
  const values: Record<string, string> = {};
  const faults = new Map<string, string>();
  for (const name of names) {
    const path = env[`${name}_FILE`]?.trim();
    if (!path) continue;
    if (env[name]?.trim()) {
      faults.set(name, `${name} and ${name}_FILE are both set: unset one of them`);
      continue;
    }
    const read = readSecret(path);
    if (read.ok) values[name] = read.secret;
    else faults.set(name, `${name}_FILE must be a file that holds the value of ${name}: ${read.fault}`);
  }
  return { values, faults };
}

type ReadSecret = { readonly ok: true; readonly secret: string } | { readonly ok: false; readonly fault: string };

function readSecret(path: string): ReadSecret {
  let bytes: Buffer;
  try {
    // Opening a pipe would wait for its writer.
    if (!statSync(path).isFile()) return { ok: false, fault: 'the path is not that of a file' };
    const descriptor = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(LONGEST_BYTES + 1);
      bytes = buffer.subarray(0, readSync(descriptor, buffer));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return { ok: false, fault: `it cannot be read (${(error as NodeJS.ErrnoException).code}); check path and rights` };
  }
  if (bytes.length > LONGEST_BYTES) return { ok: false, fault: `it has more than ${LONGEST_BYTES} bytes` };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, fault: 'it is not text in UTF-8' };
  }
  const secret = text.replace(/\r?\n$/, '');
  if (secret.trim() === '') return { ok: false, fault: 'it is empty' };
  if (/\p{Cc}/u.test(secret)) return { ok: false, fault: 'it must have one line, without control characters' };
  return { ok: true, secret };
}
