import { renameSync, writeFileSync } from 'node:fs';

/** Never leaves a half-written file, even if two processes build at once. */
export function writeWhole(path: string, contents: Uint8Array | string): void {
  const unfinished = `${path}.${process.pid}.tmp`;
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
}
