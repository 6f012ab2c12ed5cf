import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { faultsOf, markdownOf, rowsOf } from './loadReport.ts';
import { BARE, BARE_WITH_LOG, type Kind, treeOf } from './loadServers.ts';
import { measureRounds } from './rounds.ts';
import { isWrkInstalled } from './wrk.ts';

const HELP = `Measures how many webhooks a second sipwhy takes, beside a route that only verifies, parses and answers.
Every server is measured in every round, each time as a new process with an empty store.
Exits with 1 when a webhook was refused or a call was not counted exactly once.

  npm run load -- [options]

  --tree NAME=DIR    a checkout of sipwhy to measure, with npm ci done; may be repeated (default: this checkout)
  --connections N,N  numbers of connections (default 32,128)
  --rounds N         rounds (default 3); the table has their medians
  --seconds N        duration of one measurement (default 6)
  --warm-up N        seconds of load before it (default 2)
  --json             rows and single measurements as JSON

The stores lie in TMPDIR, which should be on the disk that matters.`;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const options = readOptions();

if (options.help) console.log(HELP);
else if (!isWrkInstalled()) {
  console.error('wrk is not installed: apt-get install wrk (the Debian package wrk)');
  process.exitCode = 2;
} else await run();

async function run(): Promise<void> {
  const kinds = [BARE, BARE_WITH_LOG, ...options.tree.map(kindOf)];
  const names = kinds.map(({ name }) => name);
  if (new Set(names).size < names.length) wrongUse(`--tree must have different names, got ${names.join(', ')}`);
  const connections = options.connections.split(',').map((text) => positive('connections', text));
  const rounds = await measureRounds(kinds, {
    warmUpSeconds: positive('warm-up', options['warm-up']),
    seconds: positive('seconds', options.seconds),
    connections,
    rounds: positive('rounds', options.rounds),
  });
  const rows = rowsOf(rounds, BARE.name);
  const faults = faultsOf(rounds);
  console.log(options.json ? JSON.stringify({ rows, faults, rounds }, undefined, 2) : markdownOf(rows));
  for (const fault of faults) console.error(`FAULT: ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

function kindOf(tree: string): Kind {
  const [, name, directory] = /^([^=]+)=(.+)$/.exec(tree) ?? [];
  if (name === undefined || directory === undefined) wrongUse(`--tree must be NAME=DIR, got "${tree}"`);
  return treeOf(name, directory);
}

function positive(name: string, text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) wrongUse(`--${name} must be a whole number from 1 to 99999, got "${text}"`);
  return Number(text);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        tree: { type: 'string', multiple: true, default: [`sipwhy=${ROOT}`] },
        connections: { type: 'string', default: '32,128' },
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '6' },
        'warm-up': { type: 'string', default: '2' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return wrongUse((error as Error).message);
  }
}

function wrongUse(message: string): never {
  console.error(`load: ${message}. Run it with --help for the options`);
  process.exit(2);
}
