import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { readJson } from '../files/jsonText.ts';
import { ConnectFault } from './connectFault.ts';

const CHANGE = Type.Object({
  api_url: Type.String(),
  application_sid: Type.String(),
  application_name: Type.String(),
  /** The hook before the change; null if there was none. Its password stays in Jambonz. */
  before: Type.Union([
    Type.Null(),
    Type.Object({
      webhook_sid: Type.Optional(Type.String()),
      url: Type.String(),
      method: Type.String(),
      has_credentials: Type.Boolean(),
    }),
  ]),
  /** The URL that was set. */
  after: Type.String(),
});
/** A change of a hook, with what undoes it. */
export type HookChange = Static<typeof CHANGE>;

const UNDO = Type.Object({ version: Type.Literal(1), changes: Type.Array(CHANGE) });
const undo = Compile(UNDO);

const MAX_BYTES = 1024 * 1024;

/** The last change of each application, in a file that only its owner can read. */
export class UndoFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  async changes(): Promise<HookChange[]> {
    let text: string;
    try {
      const stats = await stat(this.path);
      if (!stats.isFile() || stats.size > MAX_BYTES) throw this.#broken();
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error instanceof ConnectFault ? error : new ConnectFault(`${this.path} can’t be read: ${codeOf(error)}`);
    }
    const json = readJson(text);
    if (!json.ok || !undo.Check(json.json)) throw this.#broken();
    return json.json.changes;
  }

  /** Keeps a change in place of an earlier one of the same application. */
  async keep(change: HookChange): Promise<void> {
    await this.#write([...(await this.#others(change)), change]);
  }

  async drop(change: HookChange): Promise<void> {
    const others = await this.#others(change);
    if (others.length > 0) await this.#write(others);
    else await rm(this.path, { force: true });
  }

  async #others({ api_url, application_sid }: HookChange): Promise<HookChange[]> {
    return (await this.changes()).filter(
      (other) => other.api_url !== api_url || other.application_sid !== application_sid,
    );
  }

  async #write(changes: readonly HookChange[]): Promise<void> {
    await writePrivately(this.path, `${JSON.stringify({ version: 1, changes }, undefined, 2)}\n`);
  }

  #broken(): ConnectFault {
    return new ConnectFault(`${this.path} is not a file that sipwhy connect wrote; move it away`);
  }
}

/** Replaces a file as a whole, so that it never holds half of it. Only the owner can read it. */
export async function writePrivately(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  try {
    await rm(part, { force: true });
    // `wx`: a link that somebody put there meanwhile is not followed.
    await writeFile(part, text, { mode: 0o600, flag: 'wx', flush: true });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw new ConnectFault(`${path} can’t be written: ${codeOf(error)}; check the folder and its rights`);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
