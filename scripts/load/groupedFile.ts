import { type FileHandle, open } from 'node:fs/promises';

interface Waiting {
  readonly record: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** An append-only file. Records that arrive while a group is synced form the next group. */
export class GroupedFile {
  readonly #file: FileHandle;
  #waiting: Waiting[] = [];
  #isSyncing = false;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<GroupedFile> {
    return new GroupedFile(await open(path, 'a'));
  }

  /** Resolves once the record is on the disk. */
  append(record: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
      if (!this.#isSyncing) void this.#syncGroups();
    });
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #syncGroups(): Promise<void> {
    this.#isSyncing = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(group.map(({ record }) => record));
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#isSyncing = false;
  }

  async #write(records: Uint8Array[]): Promise<void> {
    const { bytesWritten } = await this.#file.writev(records);
    const bytes = records.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (bytesWritten !== bytes) throw new Error(`only ${bytesWritten} of ${bytes} bytes were written`);
    await this.#file.datasync();
  }
}
