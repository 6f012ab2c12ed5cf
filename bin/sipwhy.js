#!/usr/bin/env node
import './nodeVersion.js';
import { existsSync } from 'node:fs';

// A checkout runs its sources, and the package what was built of them. Loaded dynamically, because an old Node cannot
// even parse it.
const sources = new URL('../src/main.ts', import.meta.url);
const isCheckout = existsSync(sources);

import(isCheckout ? sources.href : new URL('../dist/main.js', import.meta.url).href).catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  const remedy = isCheckout ? 'run `npm ci` in this checkout' : 'install sipwhy again';
  console.error(`sipwhy: ${error.message.split(' imported from ')[0]}: ${remedy}`);
  process.exitCode = 2;
});
