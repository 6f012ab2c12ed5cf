import { readdirSync } from 'node:fs';
import { basename, join, posix } from 'node:path';

/** The documents in Markdown that come with sipwhy, by name. Only these are read, whatever a request asks for. */
export class Documents {
  readonly #folder: string;
  /** Paths within the folder, such as `causes/auth_missing.md`, by name. */
  readonly #files: ReadonlyMap<string, string>;

  constructor(folder: string) {
    this.#folder = folder;
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith('.md') && basename(file) !== 'README.md');
    this.#files = new Map(files.sort().map((file) => [basename(file, '.md'), file]));
  }

  /** The names of the documents in a folder. */
  namesIn(folder: string): string[] {
    return [...this.#files].filter(([, file]) => posix.dirname(file) === folder).map(([name]) => name);
  }

  /** The path within the folder of the document with this name; `undefined` if there is none. */
  fileOf(name: string): string | undefined {
    return this.#files.get(name);
  }

  /** The path on disk of a file within the folder. */
  pathOf(file: string): string {
    return join(this.#folder, file);
  }

  /**
   * Where a link in `file` leads among the routes of the documents, relative to each of them; `undefined` if what it
   * leads to isn't served.
   */
  routeOf(file: string, link: string): string | undefined {
    if (/^(https:|#)/.test(link)) return link;
    const [path = '', anchor] = link.split('#');
    const target = posix.join(posix.dirname(file), path);
    const name = basename(target, '.md');
    if (this.#files.get(name) === target) return anchor === undefined ? name : `${name}#${anchor}`;
    const [, folder] = /^(runbooks|causes|findings)(?:\/(?:README\.md)?)?$/.exec(target) ?? [];
    return folder && `./#${folder}`;
  }
}
