import { readFile, realpath, stat } from 'node:fs/promises';
import { ConnectFault } from './connectFault.ts';
import { writePrivately } from './undoFile.ts';

const MAX_BYTES = 1024 * 1024;
/** A line that sets a variable. */
const SETTING = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)$/;
/** These need no quotes in a shell, in Docker, in systemd or in Node. */
const PLAIN = /^[\w.:/,@%+=?~-]*$/;

/** A file of settings, one `NAME=value` a line. Lines that are not changed stay as they are. */
export class EnvFile {
  readonly #path: string;
  readonly #text: string;

  private constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text;
  }

  /** An empty one if the file does not exist yet. Rejects with `ConnectFault` if it can't be read. */
  static async read(file: string): Promise<EnvFile> {
    try {
      // A link stays, and its target is replaced.
      const path = await realpath(file);
      const stats = await stat(path);
      if (!stats.isFile() || stats.size > MAX_BYTES)
        throw new ConnectFault(`--write-env must be a file of at most 1 MiB, got ${file}`);
      return new EnvFile(path, await readFile(path, 'utf8'));
    } catch (error) {
      if (error instanceof ConnectFault) throw error;
      const code = error instanceof Error && 'code' in error ? error.code : error;
      if (code === 'ENOENT') return new EnvFile(file, '');
      throw new ConnectFault(`--write-env ${file} can’t be read: ${code}`);
    }
  }

  /** The value of a variable as a shell reads it; `undefined` if the file does not set it. The last line counts. */
  value(name: string): string | undefined {
    const lines = this.#text.split('\n').flatMap((line) => {
      const [, found, value = ''] = SETTING.exec(line.replace(/\r$/, '')) ?? [];
      return found === name ? [value] : [];
    });
    const last = lines.at(-1);
    return last === undefined ? undefined : unquoted(last.trim());
  }

  /** The text with these settings. */
  with(settings: readonly { readonly name: string; readonly value: string }[]): string {
    let lines = this.#text === '' ? [] : this.#text.replace(/\n$/, '').split('\n');
    for (const { name, value } of settings) {
      const line = settingLine(name, value);
      const last = lines.findLastIndex((other) => SETTING.exec(other)?.[1] === name);
      lines = last < 0 ? [...lines, line] : lines.with(last, line);
    }
    return `${lines.join('\n')}\n`;
  }

  async write(settings: readonly { readonly name: string; readonly value: string }[]): Promise<void> {
    await writePrivately(this.#path, this.with(settings));
  }
}

/** Throws `ConnectFault` for a value that no reader of such files would understand. */
export function settingLine(name: string, value: string): string {
  if (/['\p{Cc}]/u.test(value))
    throw new ConnectFault(
      `${name} has a quote or a control character, which a file of settings can’t hold; set it by hand`,
    );
  return PLAIN.test(value) ? `${name}=${value}` : `${name}='${value}'`;
}

function unquoted(value: string): string {
  const [, double, single] = /^(?:"([^"]*)"|'([^']*)')\s*(?:#.*)?$/.exec(value) ?? [];
  return double ?? single ?? value.replace(/\s#.*$/, '').trim();
}
