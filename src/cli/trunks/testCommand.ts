import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command } from 'commander';
import { expectedToJunit, expectedToText } from '../../core/expected/expectedReport.ts';
import { type ConnectedCall, fileFromHistory } from '../../core/expected/fromHistory.ts';
import { type ExpectedResult, judgeExpected } from '../../core/expected/judgeExpected.ts';
import { readExpectedCalls } from '../../files/expectedCallsFile.ts';
import type { AskApi } from '../../mcp/askApi.ts';
import { askForCalls } from '../../mcp/askForCalls.ts';
import { EXIT, WrongUse } from '../../settings/commandSettings.ts';
import { type Asking, serverOption } from '../ask.ts';
import { NotThere, plainText, printText, type ReadConfiguration } from '../input.ts';

interface Options {
  readonly config?: string;
  readonly junit?: string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly fromHistory: boolean;
  readonly since: string;
  readonly server?: string;
}

/** How many calls, the newest first, a file is made of. */
const MOST_OF_HISTORY = 2_000;
/** The most that the API lists at once. */
const PAGE = 200;

export function testCommand(read: ReadConfiguration, asking: Asking): Command {
  return new Command('test')
    .description('test whether calls that must connect, or must not, would do so (docs/expected-calls.md)')
    .argument('[file]', 'YAML or JSON file of expected calls; - for standard input')
    .option('--config <file>', 'read trunks and rules from this file instead of LiveKit')
    .option('--junit <file>', 'also write JUnit XML to this file; - for standard output, and nothing else there')
    .option('--json', 'print JSON', false)
    .option('--verbose', 'print the calls that pass, too', false)
    .option('--from-history', 'print a first file, made of calls that connected', false)
    .option('--since <time>', 'with --from-history: how far back, such as 7d', '7d')
    .addOption(serverOption())
    .addHelpText('after', EXAMPLES)
    .action(async (file: string | undefined, options: Options) => {
      const fault = wrongUseOf(file, options);
      if (fault !== undefined) throw new WrongUse(fault);
      if (file === undefined) await printHistory(options);
      else await test(file, options);
    });

  async function test(file: string, { config, junit, json, verbose }: Options): Promise<void> {
    const calls = await readExpectedCalls(file);
    const { snapshot, site } = await read(config);
    const steps = judgeExpected(site, snapshot, calls);
    let step = steps.next();
    while (!step.done) step = steps.next();
    const results = step.value;
    if (junit !== undefined) await writeJunit(junit, expectedToJunit(results, suiteOf(file)));
    if (json) process.stdout.write(`${JSON.stringify({ calls: results }, undefined, 2)}\n`);
    else if (junit !== '-') printText(expectedToText(results, verbose));
    if (results.some(({ ok }: ExpectedResult) => !ok)) process.exitCode = EXIT.foundProblem;
  }

  async function printHistory({ config, since, server }: Options): Promise<void> {
    const { snapshot, site } = await read(config);
    const calls = await asking(server, (ask) => connectedCalls(ask, since.replace(/^\d+[a-z]$/, '-$&')));
    const file = fileFromHistory(site, snapshot, calls);
    if (file === undefined)
      throw new NotThere(`no call connected through a trunk of LiveKit since ${since}; try a longer --since`);
    process.stdout.write(plainText(file));
  }
}

const EXAMPLES = `
Exit status: 0 all pass, 1 some fail, 2 wrong use or an unreadable file.

Examples:
  sipwhy test expected-calls.yml
  sipwhy test expected-calls.yml --config trunks.json --junit report.xml
  sipwhy test --from-history --since 7d > expected-calls.yml`;

function wrongUseOf(file: string | undefined, options: Options): string | undefined {
  const { config, junit, json, fromHistory, server } = options;
  if ((file === undefined) !== fromHistory) return 'give either a file of expected calls, or --from-history';
  if (fromHistory && (json || junit !== undefined)) return '--from-history prints YAML; leave out --json and --junit';
  if (!fromHistory && server !== undefined)
    return '--server is for --from-history; give --config, or the settings of LiveKit';
  if (json && junit === '-') return '--json and --junit - both print to standard output; give one a file';
  return file === '-' && config === '-' ? 'only one of the two files can be standard input' : undefined;
}

async function writeJunit(file: string, xml: string): Promise<void> {
  if (file === '-') {
    process.stdout.write(xml);
    return;
  }
  await writeFile(file, xml).catch((error: Error) => {
    throw new WrongUse(`--junit: cannot write ${file}: ${error.message}`);
  });
}

function suiteOf(file: string): string {
  return file === '-' ? 'expected calls' : basename(file);
}

async function connectedCalls(ask: AskApi, since: string): Promise<ConnectedCall[]> {
  const calls: ConnectedCall[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE, MOST_OF_HISTORY - calls.length);
    const page = await askForCalls(ask, { outcome: 'connected', since, fields: 'summary', limit, cursor });
    calls.push(...page.calls);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && calls.length < MOST_OF_HISTORY);
  return calls;
}
