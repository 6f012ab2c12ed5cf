import { Command } from 'commander';
import { incident } from '../demo/incident.ts';
import { toText } from '../explain/text.ts';
import { replay } from '../replay.ts';

export function demoCommand(): Command {
  return new Command('demo')
    .description('explain the incident that sipwhy began with')
    .option('--json', 'print one JSON object', false)
    .action((options: { json: boolean }) => {
      const { id, calls } = replay(incident);
      process.stdout.write(options.json ? `${JSON.stringify({ id, calls })}\n` : calls.map(toText).join('\n'));
    });
}
