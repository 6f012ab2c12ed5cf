import { Command, InvalidArgumentError } from 'commander';
import { toText } from '../core/explain/explanationText.ts';
import { replay } from '../core/replay/replay.ts';
import { demoText } from '../demo/demoText.ts';
import { incident } from '../demo/firstIncident.ts';
import { type StartService, serveDemo } from '../demo/serveDemo.ts';

export function demoCommand(start: StartService): Command {
  return new Command('demo')
    .description('explain an example: the incident that led to sipwhy; or serve calls like it')
    .option('--full', 'print the whole explanation', false)
    .option('--json', 'print one JSON object', false)
    .option('--serve', 'run the service with calls made from recorded ones, in a store of its own', false)
    .option('--rate <calls>', 'calls per minute, with --serve', between(1, 6_000), 30)
    .option('--minutes <minutes>', 'how long calls come, with --serve', between(0.1, 1_440), 20)
    .addHelpText('after', EXAMPLES)
    .action(async ({ full, json, serve, rate, minutes }: Options) => {
      if (serve) {
        const say = (line: string) => process.stdout.write(`${line}\n`);
        await serveDemo(start, { callsPerMinute: rate, minutes, say });
        return;
      }
      const { id, calls } = replay(incident);
      if (json) process.stdout.write(`${JSON.stringify({ id, calls })}\n`);
      else process.stdout.write(calls.map(full ? toText : demoText).join('\n'));
    });
}

interface Options {
  readonly full: boolean;
  readonly json: boolean;
  readonly serve: boolean;
  readonly rate: number;
  readonly minutes: number;
}

const EXAMPLES = `
Examples:
  sipwhy demo
  sipwhy demo --full
  sipwhy demo --serve --rate 60 --minutes 10
  PORT=9090 sipwhy demo --serve

With --serve, incidents open, are mended and close. The page, the metrics and the alerts can be tried without a phone.`;

function between(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Use a number from ${least} to ${most}.`);
  };
}
