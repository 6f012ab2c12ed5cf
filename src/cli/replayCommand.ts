import { Command } from 'commander';
import { toText } from '../core/explain/explanationText.ts';
import { parseCase, type Replayed, replay } from '../core/replay/replay.ts';
import { InputFault } from '../files/inputFault.ts';
import { jsonLines } from '../files/jsonFile.ts';
import { EXIT } from '../settings/commandSettings.ts';
import { printText } from './input.ts';
import { Progress } from './progress.ts';

export function replayCommand(): Command {
  return new Command('replay')
    .description('explain recorded calls')
    .argument('<file>', 'recorded cases as JSON lines, plain or gzipped; - for standard input')
    .option('--json', 'print one JSON object per line', false)
    .addHelpText(
      'after',
      '\nLines that aren’t a recorded case are reported and skipped; the exit status is then 2.\n\nExamples:\n  sipwhy replay calls.jsonl.gz\n  zcat calls.jsonl.gz | sipwhy replay - --json',
    )
    .action(async (file: string, options: { json: boolean }) => {
      const progress = new Progress('cases', options.json);
      for await (const { number, json } of jsonLines(file)) {
        progress.step();
        const replayed = replayLine(json);
        if (replayed instanceof Error) {
          process.stderr.write(`sipwhy: ${new InputFault(file, number, replayed.message).message}\n`);
          process.exitCode = EXIT.wrongUse;
          continue;
        }
        for (const fault of replayed.refused) process.stderr.write(`${replayed.id}: webhook refused: ${fault}\n`);
        if (options.json) process.stdout.write(`${JSON.stringify({ id: replayed.id, calls: replayed.calls })}\n`);
        else printText(asText(replayed));
      }
      progress.end();
    });
}

function replayLine(json: unknown): Replayed | Error {
  try {
    return replay(parseCase(json));
  } catch (error) {
    // The cast is safe: parseCase and replay only throw errors.
    return error as Error;
  }
}

function asText({ id, calls }: Replayed): string {
  return `# ${id}\n\n${calls.map(toText).join('\n')}\n`;
}
