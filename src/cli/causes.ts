import { Command } from 'commander';
import { CAUSES } from '../diagnose/registry.ts';
import { PARTY_WORDS } from '../diagnose/summary.ts';
import { WrongUse } from './exit.ts';

export function causesCommand(): Command {
  return new Command('causes')
    .description('list every cause that sipwhy knows, or explain one')
    .argument('[id]', 'a cause id')
    .option('--json', 'print JSON', false)
    .action((id: string | undefined, options: { json: boolean }) => {
      const causes = CAUSES.filter((cause) => id === undefined || cause.id === id);
      if (causes.length === 0) throw new WrongUse(`there is no cause "${id}"; sipwhy causes lists them`);
      if (options.json) {
        const shown = causes.map(({ id, title, party, meaning, fix, confidence }) => ({
          id,
          title,
          party,
          meaning,
          fix,
          confidence,
        }));
        process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
      } else if (id !== undefined) {
        for (const { id, title, party, meaning, fix, confidence } of causes) {
          const levels = Object.entries(confidence)
            .map(([level, when]) => `  ${level}: ${when}\n`)
            .join('');
          process.stdout.write(
            `${id}: ${title}\n\n${meaning}\n\nWho must act: ${PARTY_WORDS[party]} (${party})\nFix: ${fix}\n\nConfidence\n${levels}`,
          );
        }
      } else {
        const width = Math.max(...causes.map((cause) => cause.id.length));
        for (const { id, title, party } of causes)
          process.stdout.write(`${id.padEnd(width)}  ${party.padEnd(14)}  ${title}\n`);
      }
    });
}
