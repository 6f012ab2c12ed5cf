import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { applyFix } from './applying/fixFailure.ts';
import { fixFindings } from './applying/fixFindings.ts';
import { undoChange } from './applying/undoChange.ts';
import { callsCommand } from './cli/calls/callsCommand.ts';
import { explainCommand } from './cli/calls/explainCommand.ts';
import { exportCommand } from './cli/calls/exportCommand.ts';
import { fixCommand } from './cli/calls/fixCommand.ts';
import { forgetCommand } from './cli/calls/forgetCommand.ts';
import { importCommand } from './cli/calls/importCommand.ts';
import { incidentsCommand } from './cli/calls/incidentsCommand.ts';
import { causesCommand } from './cli/causesCommand.ts';
import { completionCommand } from './cli/completionCommand.ts';
import { connectCommand } from './cli/connectCommand.ts';
import { dashboardsCommand } from './cli/dashboardsCommand.ts';
import { demoCommand } from './cli/demoCommand.ts';
import { mcpCommand } from './cli/mcpCommand.ts';
import { probeCommand } from './cli/probeCommand.ts';
import { replayCommand } from './cli/replayCommand.ts';
import { rulesCommand } from './cli/rulesCommand.ts';
import { auditCommand } from './cli/trunks/auditCommand.ts';
import { checkCommand } from './cli/trunks/checkCommand.ts';
import { historyCommand } from './cli/trunks/historyCommand.ts';
import { matchCommand } from './cli/trunks/matchCommand.ts';
import { testCommand } from './cli/trunks/testCommand.ts';
import { proberOf } from './probe/prober.ts';
import { exportLines, importLines } from './service/answers/archiveLines.ts';
import { asking } from './service/answers/asking.ts';
import { configuredTargets, readConfiguration, withStore } from './service/answers/commandAnswers.ts';
import { connectJambonz } from './service/answers/connectAnswers.ts';
import { forgetStored } from './service/answers/forgetAnswers.ts';
import { DASHBOARDS, RULES } from './settings/installation.ts';

/** Adds every command but `serve`. Services don't load this file: they need little of what commands do. */
export function addCommands(program: Command, startService: (env: NodeJS.ProcessEnv) => Promise<string>): void {
  for (const command of [
    replayCommand(),
    matchCommand(),
    callsCommand(asking),
    incidentsCommand(asking),
    explainCommand(asking),
    fixCommand(asking, applyFix, undoChange),
    auditCommand(readConfiguration, asking, fixFindings),
    checkCommand(readConfiguration, asking),
    testCommand(readConfiguration, asking),
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
    rulesCommand(() => readFileSync(RULES, 'utf8')),
    dashboardsCommand(DASHBOARDS),
    demoCommand(startService),
    completionCommand(() => program),
  ]) {
    program.addCommand(command.copyInheritedSettings(program));
  }
}
