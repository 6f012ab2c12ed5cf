#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { callsCommand } from './cli/calls/callsCommand.ts';
import { explainCommand } from './cli/calls/explainCommand.ts';
import { exportCommand } from './cli/calls/exportCommand.ts';
import { forgetCommand } from './cli/calls/forgetCommand.ts';
import { importCommand } from './cli/calls/importCommand.ts';
import { incidentsCommand } from './cli/calls/incidentsCommand.ts';
import { causesCommand } from './cli/causesCommand.ts';
import { completionCommand } from './cli/completionCommand.ts';
import { connectCommand } from './cli/connectCommand.ts';
import { demoCommand } from './cli/demoCommand.ts';
import { endCommand } from './cli/endCommand.ts';
import { mcpCommand } from './cli/mcpCommand.ts';
import { probeCommand } from './cli/probeCommand.ts';
import { replayCommand } from './cli/replayCommand.ts';
import { rulesCommand } from './cli/rulesCommand.ts';
import { auditCommand } from './cli/trunks/auditCommand.ts';
import { checkCommand } from './cli/trunks/checkCommand.ts';
import { historyCommand } from './cli/trunks/historyCommand.ts';
import { matchCommand } from './cli/trunks/matchCommand.ts';
import { proberOf } from './probe/prober.ts';
import { exportLines, importLines } from './service/answers/archiveLines.ts';
import { asking } from './service/answers/asking.ts';
import { configuredTargets, readConfiguration, withStore } from './service/answers/commandAnswers.ts';
import { connectJambonz } from './service/answers/connectAnswers.ts';
import { forgetStored } from './service/answers/forgetAnswers.ts';
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
for (const command of [
  replayCommand(),
  matchCommand(),
  callsCommand(asking),
  incidentsCommand(asking),
  explainCommand(asking),
  auditCommand(readConfiguration, asking),
  checkCommand(readConfiguration, asking),
  historyCommand(asking),
  connectCommand(connectJambonz),
  probeCommand(proberOf(configuredTargets)),
  exportCommand((numbers, sink) =>
    withStore(({ database }) => database.snapshot((queries) => sink(exportLines(queries, numbers)))),
  ),
  importCommand((lines) => withStore(({ database }) => importLines(database, lines), { mayCreate: true })),
  forgetCommand(forgetStored),
  mcpCommand(asking),
  causesCommand(),
  // The path is the same from src and from dist.
  rulesCommand(() => readFileSync(new URL('../alerts/sipwhy.rules.yml', import.meta.url), 'utf8')),
  demoCommand(startService),
  completionCommand(() => program),
]) {
  program.addCommand(command.copyInheritedSettings(program));
}

// The service reports its own errors in the log. Commands run beside it, and speak to a person.
program.hook('preAction', (_, command) => {
  if (command.name() === 'serve') return;
  process.on('uncaughtException', endCommand);
  trustAuthorities(commandAuthorities());
});
/** Loads the server and the API's schemas, which most commands don't need. */
async function startService(env: NodeJS.ProcessEnv): Promise<string> {
  const { serve } = await import('./serve.ts');
  return serve(env);
}

process.stdout.on('error', endCommand);
// Nobody is left to tell.
process.stderr.on('error', () => {});

await program.parseAsync().catch(endCommand);
