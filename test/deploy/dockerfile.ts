import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The version of the package, and of Node, for which the tests run. */
const { version, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
export const VERSION: string = version;
export const NODE_VERSION: string = devDependencies.node;

interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of a Dockerfile, in their order, without comments. */
export function instructionsOf(text: string): Instruction[] {
  return text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
      return { name: name.toUpperCase(), text: rest };
    });
}

export const DOCKERFILE = instructionsOf(readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8'));

/** What follows an instruction, once for each time that it occurs. */
export function textsOf(name: string): string[] {
  return DOCKERFILE.filter((one) => one.name === name).map(({ text }) => text);
}

/** The environment of the image. */
export function imageEnvironment(): Record<string, string> {
  const pairs = textsOf('ENV').flatMap((text) =>
    text.split(/\s+/).map((pair) => pair.split('=', 2) as [string, string]),
  );
  return Object.fromEntries(pairs);
}
