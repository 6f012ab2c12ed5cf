import { mkdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import closeWithGrace from 'close-with-grace';
import type { Logger } from 'pino';
import { type App, createApp } from './app.ts';
import { createLogger } from './logger.ts';
import { surviveErrors } from './loop/surviveErrors.ts';
import { trustAuthorities } from './settings/authorities.ts';
import { commandSettings, EXIT, WrongUse } from './settings/commandSettings.ts';
import type { Settings } from './settings/settings.ts';
import { ServingLock } from './store/sqlite/servingLock.ts';

/**
 * How long, in milliseconds, stopping may take after the wait for late webhooks: up to 10 s for requests under way, 2 s
 * for forwarding statuses, 5 s for storing the journal, and the rest for the store.
 */
const STOP_WITHIN_MS = 20_000;

/**
 * V8 collects garbage before a heap has grown by this much, and copies young objects with one thread, which leaves fewer
 * half-empty pages: 20 to 40 MB less at 1,000 webhooks a second, for a twelfth more processor time at full rate. V8 reads
 * both at each collection. They are set before another thread starts.
 */
const V8_OPTIONS = ['--heap-growing-percent=40', '--no-parallel-scavenge'];

/**
 * Runs the service until a signal stops it. Resolves with its address, such as `http://127.0.0.1:8080`. Throws if the
 * settings have faults.
 */
export async function serve(env: NodeJS.ProcessEnv): Promise<string> {
  const settings = commandSettings(env);
  for (const option of V8_OPTIONS) setFlagsFromString(option);
  await checkExpectedCalls(settings);
  trustAuthorities(settings.authorities);
  const logger = createLogger(settings.log);
  for (const warning of settings.warnings) logger.warn(warning);

  let app: App | undefined;
  let address: string;
  const locks: ServingLock[] = [];
  try {
    if (settings.spoolFile === undefined) locks.push(ServingLock.onStore(settings.databaseUrl));
    if (settings.journalDirectory !== undefined) locks.push(lockJournal(settings.journalDirectory));
    app = await createApp(settings, logger, { locks, onEngineEnd: (error) => endWith(error, logger) });
    [address] = await Promise.all([app.listen(), app.start()]);
  } catch (error) {
    logger.fatal(error, `sipwhy could not start${remedyOf(error, settings)}`);
    process.exitCode = EXIT.foundProblem;
    // Parts that started would keep the process alive, and then no supervisor would restart it.
    await Promise.race([app?.close(), setTimeout(STOP_WITHIN_MS)]).catch((reason) => logger.error(reason));
    process.exit();
  }
  surviveErrors(logger, app.countError);
  stopOnSignal(app, locks, logger, settings.shutdownWaitSeconds * 1000);
  return address;
}

/** Later, a broken file leaves the calls of its last good version in use. Throws WrongUse. */
async function checkExpectedCalls({ expectedCallsFile: file }: Settings): Promise<void> {
  if (file === undefined) return;
  const { readExpectedCalls } = await import('./files/expectedCallsFile.ts');
  await readExpectedCalls(file).catch((error: Error) => {
    throw new WrongUse(`EXPECTED_CALLS_FILE must be a file of expected calls:\n  ${error.message}`);
  });
}

/** Ends the process, because without the engine no call is judged. A supervisor restarts it, and nothing is lost. */
function endWith(error: Error, logger: Logger): never {
  logger.fatal(error, 'the engine stopped unexpectedly: exiting; acknowledged webhooks are safe in the journal');
  process.exit(EXIT.foundProblem);
}

function lockJournal(directory: string): ServingLock {
  mkdirSync(directory, { recursive: true });
  return ServingLock.onJournal(directory);
}

/** The remedy for an address that cannot be listened on; empty for any other error. */
function remedyOf(error: unknown, { access: { host, metricsListener }, port }: Settings): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const isMetrics = error instanceof Error && 'port' in error && error.port === metricsListener?.port;
  if (isMetrics && metricsListener)
    return `: METRICS_LISTEN=${metricsListener.host}:${metricsListener.port} can’t be listened on (${code})`;
  if (code === 'EADDRINUSE') return `: port ${port} on ${host} is in use; stop the other process, or set another PORT`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return ': HOST is not an address of this machine';
  return code === 'EACCES' ? `: this user may not listen on PORT=${port}; set one above 1023` : '';
}

function stopOnSignal(app: App, locks: readonly ServingLock[], logger: Logger, waitMs: number): void {
  // A second signal ends the process at once.
  const skip: closeWithGrace.AllEvents[] = ['uncaughtException', 'unhandledRejection'];
  closeWithGrace({ delay: waitMs + STOP_WITHIN_MS, logger, skip }, async ({ signal }) => {
    logger.info({ signal }, 'stopping; another signal stops at once');
    app.markNotReady();
    await setTimeout(waitMs);
    await app.close();
    for (const lock of locks) lock.release();
    logger.info('stopped');
  });
}
