// Says whether this Node is new enough. Old versions must be able to parse this file, so it uses nothing recent.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const needed = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).engines.node.replace('>=', '');
const [neededMajor, neededMinor] = needed.split('.').map(Number);
const [major, minor] = process.versions.node.split('.').map(Number);
const isCheckout = existsSync(new URL('src', root));
const nodeOfCheckout = new URL('node_modules/node/bin/node', root);

/** Whether sipwhy runs on this Node. */
export const isNewEnough = major > neededMajor || (major === neededMajor && minor >= neededMinor);

/** The Node that a development dependency brought into a checkout; undefined elsewhere. */
export const ownNode = isCheckout && existsSync(nodeOfCheckout) ? fileURLToPath(nodeOfCheckout) : undefined;

/** Ends the process with one line. */
export function refuse() {
  const remedy = isCheckout
    ? 'run `npm ci` without --omit=dev, which installs one for `npm start` and `npm run sipwhy`, or install a newer Node'
    : 'install a newer Node (https://nodejs.org/en/download), and put it first on the PATH';
  console.error(`sipwhy needs Node ${needed} or newer; this is ${process.version}: ${remedy}`);
  process.exit(2);
}

// As a program of its own, before `npm start` does anything else.
if (process.argv[1] === fileURLToPath(import.meta.url) && !isNewEnough) refuse();
