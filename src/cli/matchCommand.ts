import { Command } from 'commander';
import { answer, parseQuestion } from '../core/trunks/match/answer.ts';
import { WrongUse } from '../settings/commandSettings.ts';
import { jsonLines } from './input.ts';

export function matchCommand(): Command {
  return (
    new Command('match')
      .description('answer matching questions as LiveKit would: one JSON object a line; - for standard input')
      .argument('<file>', 'questions of kind normalize, trunk or dispatch')
      // The answers are JSON in any case; the option is there because every command has it.
      .option('--json', 'print one JSON object a line (the only form there is)', true)
      .action(async (file: string) => {
        for await (const { number, json } of jsonLines(file)) {
          try {
            process.stdout.write(`${JSON.stringify(answer(parseQuestion(json)))}\n`);
          } catch (error) {
            throw new WrongUse(`${file}, line ${number}: ${(error as Error).message}`);
          }
        }
      })
  );
}
