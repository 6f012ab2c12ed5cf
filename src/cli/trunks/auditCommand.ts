import { Command } from 'commander';
import { audit } from '../../core/audit/audit.ts';
import { type AuditJson, toJson, toText } from '../../core/audit/auditReport.ts';
import { EXIT } from '../../settings/commandSettings.ts';
import { type Asking, serverOption } from '../ask.ts';
import type { ReadConfiguration } from '../input.ts';
import { printText } from '../input.ts';

export function auditCommand(read: ReadConfiguration, asking: Asking): Command {
  return new Command('audit')
    .description('show LiveKit’s trunks and dispatch rules, and the problems in them')
    .option('--config <file>', 'read them from this file instead of LiveKit')
    .addOption(serverOption().conflicts('config'))
    .option('--json', 'print JSON', false)
    .addHelpText('after', EXAMPLES)
    .action(async (options: { config?: string; server?: string; json: boolean }) => {
      const answer = await answerOf(options);
      if (options.json) process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
      else printText(toText(answer));
      const hasProblem = answer.findings.some(({ severity }) => severity !== 'info') || answer.errors.length > 0;
      if (hasProblem) process.exitCode = EXIT.foundProblem;
    });

  async function answerOf({ config, server }: { config?: string; server?: string }): Promise<AuditJson> {
    // The cast: the API's answer is made by the same function.
    if (server !== undefined) return (await asking(server, (ask) => ask('/trunks'))) as AuditJson;
    const { snapshot, site } = await read(config);
    return toJson(snapshot, audit(snapshot, site));
  }
}

const EXAMPLES = `
Exit status: 0 no problem, 1 a problem was found, 2 wrong use.

Examples:
  sipwhy audit
  sipwhy audit --config trunks.json
  sipwhy audit --server http://127.0.0.1:8080 --json`;
