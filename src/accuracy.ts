import { readFile } from 'node:fs/promises';

/** The figures that `npm run accuracy` writes; the published package has them beside the compiled sources. */
const FIGURES = new URL('./accuracy.json', import.meta.url);

/** The measured quality of the diagnosis; `undefined` where this build has no figures. */
export async function accuracyFigures(): Promise<object | undefined> {
  try {
    // The cast is what the generator writes.
    return JSON.parse(await readFile(FIGURES, 'utf8')) as object;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
