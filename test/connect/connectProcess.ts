import { spawn } from 'node:child_process';
import { freshProgram } from '../../bin/freshProgram.js';
import { PLAIN_ENVIRONMENT } from '../plainEnvironment.ts';
import { ACCOUNT_KEY } from './jambonzApiServer.ts';

export const MAIN = freshProgram();

/** Runs `sipwhy connect` as a process of its own, with nobody to ask. */
export async function runConnect(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [MAIN, 'connect', ...args], {
    env: { ...PLAIN_ENVIRONMENT, JAMBONZ_API_KEY: ACCOUNT_KEY, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stdout, stderr, all: stdout + stderr };
}
