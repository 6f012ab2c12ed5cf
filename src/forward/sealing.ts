import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ForwardedRequest } from './application.ts';

const KEY_BYTES = 32;
const SALT_BYTES = 16;
const TAG_BYTES = 16;
/** Each request has a key of its own, so that the nonce is never used twice with a key. */
const NONCE = Buffer.alloc(12);

/**
 * Encrypts the requests that wait to be forwarded, because they hold credentials and all that Jambonz says of a caller.
 * So neither the journal nor the queue holds those in clear, nor what a file system or a database leaves of deleted rows.
 */
export class Sealing {
  readonly #key: Buffer;

  /** `key` has 32 bytes. */
  constructor(key: Buffer) {
    this.#key = key;
  }

  seal({ method, query, headers, body }: ForwardedRequest): Uint8Array {
    const head = Buffer.from(JSON.stringify({ method, query, headers }));
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32LE(head.length);
    const salt = randomBytes(SALT_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#keyOf(salt), NONCE);
    const hidden = [cipher.update(length), cipher.update(head), cipher.update(method === 'GET' ? '' : body)];
    return Buffer.concat([salt, ...hidden, cipher.final(), cipher.getAuthTag()]);
  }

  /** Decrypts what `seal` returned; `undefined` if it was made with another key, or is damaged. */
  open(sealed: Uint8Array): ForwardedRequest | undefined {
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#keyOf(sealed.subarray(0, SALT_BYTES)), NONCE);
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      const hidden = sealed.subarray(SALT_BYTES, -TAG_BYTES);
      const plain = Buffer.concat([decipher.update(hidden), decipher.final()]);
      const end = 4 + plain.readUInt32LE(0);
      // The cast: seal wrote it.
      const head = JSON.parse(plain.toString('utf8', 4, end)) as Omit<ForwardedRequest, 'body'>;
      return { ...head, body: plain.subarray(end) };
    } catch {
      return undefined;
    }
  }

  #keyOf(salt: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(salt).digest();
  }
}

/** The sealing of a journal. Its key is in a file beside the journal, which is made if there is none. */
export function sealingIn(directory: string): Sealing {
  const path = join(directory, 'forward-key');
  const key = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  if (key.length === KEY_BYTES) return new Sealing(key);
  // The file is empty if the machine stopped while it was made. Nothing is sealed with it then.
  if (key.length > 0) {
    throw new Error(
      `${path} must have ${KEY_BYTES} bytes: restore it, or delete it to give up what waits to be forwarded`,
    );
  }
  const made = randomBytes(KEY_BYTES);
  writeFileSync(path, made, { mode: 0o600, flush: true });
  return new Sealing(made);
}
