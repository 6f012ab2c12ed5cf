import { Command } from 'commander';
import type { Cause } from '../core/diagnose/cause.ts';
import { CAUSES } from '../core/diagnose/causes.ts';
import { PARTY_WORDS } from '../core/diagnose/diagnosis.ts';
import { WrongUse } from '../settings/commandSettings.ts';

export function causesCommand(): Command {
  return new Command('causes')
    .description('list all causes, or explain one')
    .argument('[id]', 'a cause id')
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExamples:\n  sipwhy causes\n  sipwhy causes trunk_conflict')
    .action((id: string | undefined, options: { json: boolean }) => {
      const causes = CAUSES.filter((cause) => id === undefined || cause.id === id);
      if (causes.length === 0) throw new WrongUse(`unknown cause "${id}": run sipwhy causes for the list`);
      if (options.json) {
        const shown = causes.map(({ id, title, party, fix, confidence, runbook }) => ({
          id,
          title,
          party,
          fix,
          confidence,
          runbook,
        }));
        process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
      } else if (id !== undefined) {
        for (const cause of causes) process.stdout.write(causeText(cause));
      } else {
        const width = Math.max(...causes.map((cause) => cause.id.length));
        for (const { id, title, party } of causes)
          process.stdout.write(`${id.padEnd(width)}  ${party.padEnd(14)}  ${title}\n`);
      }
    });
}

function causeText({ id, title, party, fix, confidence, runbook }: Cause): string {
  const { meaning, impact, diagnosis, mitigation } = runbook;
  const steps = (lines: readonly string[]) => lines.map((line) => `\n  - ${line}`).join('');
  const levels = Object.entries(confidence).map(([level, when]) => `\n  ${level}: ${when}`);
  return `${[
    `${id}: ${title}`,
    `Owner: ${PARTY_WORDS[party]} (${party})\nFix: ${fix}`,
    `Meaning\n  ${meaning}`,
    `Impact\n  ${impact}`,
    `Diagnosis${steps(diagnosis)}`,
    `Mitigation${steps(mitigation)}`,
    `Confidence${levels.join('')}`,
  ].join('\n\n')}\n`;
}
