import { Command } from 'commander';
import { audit } from '../../core/audit/audit.ts';
import { toJson, toText } from '../../core/audit/auditReport.ts';
import { EXIT } from '../../settings/commandSettings.ts';
import type { ReadConfiguration } from '../input.ts';
import { printText } from '../input.ts';

export function auditCommand(read: ReadConfiguration): Command {
  return new Command('audit')
    .description('show LiveKit’s trunks and dispatch rules, and the problems in them')
    .option('--config <file>', 'read them from this file instead of LiveKit')
    .option('--json', 'print JSON', false)
    .action(async (options: { config?: string; json: boolean }) => {
      const { snapshot, site } = await read(options.config);
      const answer = toJson(snapshot, audit(snapshot, site));
      if (options.json) process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
      else printText(toText(answer));
      const hasProblem = answer.findings.some(({ severity }) => severity !== 'info') || answer.errors.length > 0;
      if (hasProblem) process.exitCode = EXIT.foundProblem;
    });
}
