#!/usr/bin/env node
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isNewEnough, ownNode, refuse } from './nodeVersion.js';

// A checkout runs its sources, and the package what was built of them. Both are loaded dynamically, because an old Node
// cannot even parse them.
const sources = new URL('../src/main.ts', import.meta.url);
const isCheckout = existsSync(sources);

if (isNewEnough) start();
else if (ownNode) startWith(ownNode);
else refuse();

function start() {
  const isServing = process.argv.includes('serve') || process.argv.includes('--serve');
  const built = new URL('../dist/main.js', import.meta.url);
  if (isCheckout && isServing) buildPage();
  import((isCheckout ? sources : built).href).catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const remedy = isCheckout ? 'run `npm ci` in this checkout' : 'install sipwhy again';
    console.error(`sipwhy: ${error.message.split(' imported from ')[0]}: ${remedy}`);
    process.exitCode = 2;
  });
}

/** Builds the page if its sources are newer, in a process of its own, because its builder stays in memory. */
function buildPage() {
  const script = fileURLToPath(new URL('../scripts/buildPage.ts', import.meta.url));
  spawnSync(process.execPath, [script, '--if-stale'], { stdio: 'inherit' });
}

/** Runs the same command with the Node of the checkout, and ends as it does. */
function startWith(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (status, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exitCode = status;
  });
}
