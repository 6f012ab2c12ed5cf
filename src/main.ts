#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { endCommand } from './cli/endCommand.ts';
import { trustAuthorities } from './settings/authorities.ts';
import { commandAuthorities } from './settings/commandSettings.ts';
import { VERSION } from './settings/installation.ts';

const program = new Command('sipwhy')
  .description('Why did this SIP call fail? For calls from Jambonz to LiveKit.')
  .version(VERSION)
  .exitOverride()
  .showHelpAfterError('(run with --help for the options)')
  .addHelpText('after', '\nExit status: 0 no problem, 1 problem found, 2 wrong use.');

program
  .command('serve')
  .description('run the service: receive webhooks, explain failed calls, export metrics (settings: docs/settings.md)')
  .option('--json', 'log JSON lines on a terminal, too (LOG_FORMAT=json)', false)
  .addHelpText(
    'after',
    '\nExamples:\n  sipwhy serve\n  HOST=0.0.0.0 PORT=8080 API_TOKEN_FILE=/run/secrets/api_token sipwhy serve',
  )
  .action(async ({ json }: { json: boolean }) => {
    await startService(json ? { ...process.env, LOG_FORMAT: 'json' } : process.env);
  });
// A service needs little of what the commands do.
if (process.argv[2] !== 'serve') (await import('./commands.ts')).addCommands(program, startService);

// The service reports its own errors in the log. Commands run beside it, and speak to a person.
program.hook('preAction', (_, command) => {
  if (command.name() === 'serve') return;
  process.on('uncaughtException', endCommand);
  trustAuthorities(commandAuthorities());
});

/** Loads the server and the API's schemas, which most commands don't need. */
async function startService(env: NodeJS.ProcessEnv): Promise<string> {
  // Loading makes much garbage, for which V8 would reserve 100 MB for good. Its default is 2.
  setFlagsFromString('--semi-space-growth-factor=1');
  try {
    const { serve } = await import('./serve.ts');
    return await serve(env);
  } finally {
    setFlagsFromString('--semi-space-growth-factor=2');
  }
}

process.stdout.on('error', endCommand);
// Nobody is left to tell.
process.stderr.on('error', () => {});

await program.parseAsync().catch(endCommand);
