import { Command } from 'commander';
import { answer, parseQuestion } from '../../core/trunks/match/answer.ts';
import { InputFault } from '../../files/inputFault.ts';
import { jsonLines } from '../../files/jsonFile.ts';

export function matchCommand(): Command {
  return (
    new Command('match')
      .description('answer matching questions as LiveKit would, one JSON object per line')
      .argument('<file>', 'JSON lines of kind normalize, trunk or dispatch; - for standard input')
      // Answers are always JSON; the option exists because every command has it.
      .option('--json', 'print one JSON object per line (always on)', true)
      .addHelpText('after', '\nExample:\n  sipwhy match questions.jsonl')
      .action(async (file: string) => {
        for await (const { number, json } of jsonLines(file)) {
          try {
            process.stdout.write(`${JSON.stringify(answer(parseQuestion(json)))}\n`);
          } catch (error) {
            throw new InputFault(file, number, (error as Error).message);
          }
        }
      })
  );
}
