import { Command } from 'commander';
import { toText } from '../explain/text.ts';
import { parseCase, type Replayed, replay } from '../replay.ts';
import { WrongUse } from './exit.ts';
import { jsonLines } from './input.ts';

export function replayCommand(): Command {
  return new Command('replay')
    .description('explain recorded calls: one JSON object a line, plain or gzipped; - for standard input')
    .argument('<file>', 'recorded cases')
    .option('--json', 'print one JSON object a line', false)
    .action(async (file: string, options: { json: boolean }) => {
      for await (const { number, json } of jsonLines(file)) {
        const replayed = replayLine(file, number, json);
        for (const fault of replayed.refused) process.stderr.write(`${replayed.id}: webhook refused: ${fault}\n`);
        process.stdout.write(
          options.json ? `${JSON.stringify({ id: replayed.id, calls: replayed.calls })}\n` : asText(replayed),
        );
      }
    });
}

function replayLine(file: string, number: number, json: unknown): Replayed {
  try {
    return replay(parseCase(json));
  } catch (error) {
    throw new WrongUse(`${file}, line ${number}: ${(error as Error).message}`);
  }
}

function asText({ id, calls }: Replayed): string {
  return `# ${id}\n\n${calls.map(toText).join('\n')}\n`;
}
