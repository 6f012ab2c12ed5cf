#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isNewEnough, ownNode, refuse } from './nodeVersion.js';

// What was built is run; in a checkout it is built again if its sources are newer. It is loaded dynamically, because an
// old Node cannot even parse it.
const isCheckout = existsSync(new URL('../src', import.meta.url));

if (isNewEnough) start();
else if (ownNode) startWith(ownNode);
else refuse();

async function start() {
  try {
    await import(isCheckout ? await fresh() : new URL('../dist/program/main.js', import.meta.url).href);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    const remedy = isCheckout ? 'run `npm ci` in this checkout' : 'install sipwhy again';
    console.error(`sipwhy: ${error.message.split(' imported from ')[0]}: ${remedy}`);
    process.exitCode = 2;
  }
}

async function fresh() {
  const { freshPage, freshProgram } = await import('./freshProgram.js');
  if (process.argv.includes('serve') || process.argv.includes('--serve')) freshPage();
  return freshProgram();
}

/** Runs the same command with the Node of the checkout, and ends as it does. */
function startWith(node) {
  const limits = process.execArgv.filter((option) => option.startsWith('--max-'));
  const args = [...limits, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (status, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exitCode = status;
  });
}
