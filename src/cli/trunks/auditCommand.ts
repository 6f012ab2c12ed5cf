import { Command, Option } from 'commander';
import { audit } from '../../core/audit/audit.ts';
import { type AuditJson, toJson, toText } from '../../core/audit/auditReport.ts';
import { EXIT, WrongUse } from '../../settings/commandSettings.ts';
import {
  type ApplyOptions,
  type ApplyResult,
  addApplyOptions,
  type Consent,
  terminalConsent,
} from '../applyOptions.ts';
import { type Asking, serverOption } from '../ask.ts';
import type { ReadConfiguration } from '../input.ts';
import { printText } from '../input.ts';

interface Options extends ApplyOptions {
  readonly config?: string;
  readonly server?: string;
  readonly fix: boolean;
}

export type FixFindings = (options: ApplyOptions, consent: Consent) => Promise<ApplyResult>;

export function auditCommand(read: ReadConfiguration, asking: Asking, fixFindings: FixFindings): Command {
  const command = new Command('audit')
    .description('show LiveKit’s trunks and dispatch rules, and the problems in them; fix them with --fix')
    .option('--config <file>', 'read them from this file instead of LiveKit')
    .addOption(serverOption().conflicts('config'))
    .addOption(
      new Option('--fix', 'apply fixes of findings, one by one, with your own key for LiveKit')
        .conflicts(['config', 'server'])
        .default(false),
    );
  return addApplyOptions(command)
    .option('--json', 'print JSON', false)
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      if (options.fix) {
        const { isFine, json } = await fixFindings(options, terminalConsent(options));
        if (options.json) process.stdout.write(`${JSON.stringify(json, undefined, 2)}\n`);
        if (!isFine) process.exitCode = EXIT.foundProblem;
        return;
      }
      if (options.yes || options.choose !== undefined) throw new WrongUse('--yes and --choose need --fix');
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
Exit status: 0 no problem, 1 a problem was found, 2 wrong use. With --fix: 0 applied, or shown; 1 nothing was applied,
or a finding is still there; 2 wrong use.

Examples:
  sipwhy audit
  sipwhy audit --config trunks.json
  sipwhy audit --server http://127.0.0.1:8080 --json
  sipwhy audit --fix
  sipwhy audit --fix --choose 2 --yes --why "old trunk"`;
