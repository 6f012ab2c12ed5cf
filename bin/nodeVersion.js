// Ends the process if this Node is too old. Old versions must be able to parse this file, so it uses nothing recent.
import { existsSync, readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const needed = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).engines.node.replace('>=', '');
const [neededMajor, neededMinor] = needed.split('.').map(Number);
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < neededMajor || (major === neededMajor && minor < neededMinor)) {
  // Only a checkout has sources. There, a development dependency brings the right Node.
  const remedy = existsSync(new URL('src', root))
    ? 'run `npm ci` without --omit=dev, which installs one for `npm start` and `npm run sipwhy`, or install a newer Node'
    : 'install a newer Node (https://nodejs.org/en/download), and put it first on the PATH';
  console.error(`sipwhy needs Node ${needed} or newer; this is ${process.version}: ${remedy}`);
  process.exit(2);
}
