import { setTimeout } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { createApp } from './app.ts';
import { EXIT } from './cli/exit.ts';
import { commandSettings } from './commandSettings.ts';

/** How long, in milliseconds, stopping may take once no more webhooks are waited for. */
const STOP_WITHIN_MS = 10_000;

/** Runs the service until it is told to stop. */
export async function serve(env: NodeJS.ProcessEnv): Promise<void> {
  const settings = commandSettings(env);
  const logger = pino({ name: 'sipwhy', level: settings.logLevel });
  for (const warning of settings.warnings) logger.warn(warning);

  let app: Awaited<ReturnType<typeof createApp>>;
  try {
    app = await createApp(settings, logger);
    const started = app.start();
    await app.http.listen({ host: settings.host, port: settings.port });
    await started;
  } catch (error) {
    logger.fatal(error, 'sipwhy could not start');
    process.exitCode = EXIT.foundTrouble;
    return;
  }
  const waitMs = settings.shutdownWaitSeconds * 1000;
  // A second signal ends the process at once.
  closeWithGrace({ delay: waitMs + STOP_WITHIN_MS, logger }, async ({ err, signal }) => {
    if (err) logger.error(err, 'sipwhy stops because of an error');
    else logger.info({ signal }, 'sipwhy stops; another signal ends it at once');
    app.leave();
    if (!err) await setTimeout(waitMs);
    await app.close();
    logger.info('sipwhy has stopped');
  });
}
