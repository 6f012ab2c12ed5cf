import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freshProgram } from '../../bin/freshProgram.js';
import { treeOf } from '../load/loadServers.ts';
import { WEBHOOKS_PER_CALL } from '../load/statusWebhooks.ts';
import { isWrkInstalled } from '../load/wrk.ts';
import { measureAtRest } from './atRest.ts';
import { measureMatching } from './choices.ts';
import { measureConnected } from './connectedCalls.ts';
import { measurePartitions } from './expiredDay.ts';
import { type Figure, isMissed, type Run, tableOf } from './figure.ts';
import { measureHistory } from './history.ts';
import { measureIngestion } from './ingestion.ts';
import { measureLongCalls } from './longCalls.ts';
import { measureMemory } from './memory.ts';
import { measureReplicas } from './replicas.ts';
import { measureRestart } from './restart.ts';
import { measureScrapes } from './scrape.ts';
import { measureVerdicts } from './verdicts.ts';

const HELP = `Measures how fast sipwhy is, and what memory it takes, beside a bare route in the same run.
Exits with 1 when a figure misses its limit, a webhook was refused, or a call was not counted exactly once.

  npm run bench -- [options]

  --part NAME   matching, at-rest, scrape, ingestion, verdicts, connected, restart, memory, long-calls, replicas,
                partitions or history; may be repeated (default: all)
  --attempts N  the largest history; a tenth and a hundredth of it are measured too (default: 10000000, which takes
                20 GB of TMPDIR and 15 minutes)
  --calls N     how many calls of a day are deleted in PostgreSQL, by row and by partition (default: 20000)
  --webhooks N  how many webhooks the memory is measured over (default: 1000000, which takes 17 minutes)
  --open-calls N  how many answered calls stay open in long-calls (default: 36000: ten a second, of an hour each)
  --short       less of matching, at-rest, scrape, verdicts, ingestion, restart and memory, and nothing else: what CI runs
  --json        figures as JSON
  --record      keep what was measured in docs/performance.json, with which later runs are compared, and in
                docs/performance.md; what they have of other parts stays

Ingestion, verdicts, connected, memory and history need wrk (the Debian package), connected, replicas and partitions a PostgreSQL on 127.0.0.1 or at TEST_POSTGRES_URL. The stores lie in TMPDIR, which should be on the disk that matters.`;

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const RECORDED = fileURLToPath(new URL('../../docs/performance.json', import.meta.url));
const PAGE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
const BEGIN = '<!-- Written by npm run bench -- --record. -->';
const END = '<!-- End of what is written. -->';

/** Settled calls stay open for a minute: until then, fewer are open than at a steady rate. */
const VERDICTS = { seconds: 90, warmUpSeconds: 20 };
const CALLS_PER_SECOND = [10, 100, 500];
const SHORT_VERDICTS = { callsPerSecond: [50], seconds: 4, warmUpSeconds: 2 };
const CONNECTED = { callsPerSecond: 20, seconds: 60 };
const MEMORY = { perSecond: 1_000, atMost: { growth: 20, aboveRest: 60 } };
const SHORT_MEMORY = { webhooks: 8_000, perSecond: 400, atMost: { growth: 80, aboveRest: 150 } };
const RESTART = { openCalls: 10_000, askedSeconds: 30, withinMs: 2_000 };
const SHORT_RESTART = { openCalls: 500, askedSeconds: 5, withinMs: 10_000 };
const LOAD = { warmUpSeconds: 2, seconds: 6, connections: [32, 128], rounds: 3 };
const SHORT_LOAD = { warmUpSeconds: 2, seconds: 3, connections: [128], rounds: 1 };
const NEEDS_WRK = ['ingestion', 'verdicts', 'connected', 'memory', 'history'];
/** What takes minutes. */
const ONLY_IN_FULL = ['connected', 'long-calls', 'replicas', 'partitions', 'history'];

const options = readOptions();
if (options.help) console.log(HELP);
else await run();

async function run(): Promise<void> {
  const { short, record, json } = options;
  const attempts = multipleOf(100, 'attempts', options.attempts);
  const calls = multipleOf(100, 'calls', options.calls);
  const webhooks = multipleOf(80, 'webhooks', options.webhooks);
  const openCalls = multipleOf(20, 'open-calls', options['open-calls']);
  const service = treeOf('sipwhy', ROOT);
  freshProgram();
  const faults: string[] = [];
  /** The greatest rate of this run, in webhooks a second. */
  let greatest: number | undefined;
  const parts: Readonly<Record<string, () => Promise<readonly Figure[]> | readonly Figure[]>> = {
    matching: () => measureMatching(short ? 10 : 20),
    'at-rest': () => measureAtRest(service, short ? 1 : 5),
    scrape: () => measureScrapes(service, short ? [100] : [10, 100, 1_000]),
    async ingestion() {
      const measured = await measureIngestion(service, short ? SHORT_LOAD : LOAD);
      faults.push(...measured.faults);
      greatest = measured.figures.findLast(({ unit }) => unit === 'webhooks/s')?.value;
      return measured.figures;
    },
    verdicts() {
      if (short) return measureVerdicts(service, SHORT_VERDICTS);
      // At half of the greatest rate, if that was measured too. Two lanes send the calls, so the number is even.
      const half = greatest === undefined ? [] : [2 * Math.round(greatest / 2 / (WEBHOOKS_PER_CALL + 1) / 2)];
      return measureVerdicts(service, { ...VERDICTS, callsPerSecond: [...CALLS_PER_SECOND, ...half] });
    },
    connected: () => measureConnected(service, CONNECTED),
    restart: () => measureRestart(service, short ? SHORT_RESTART : RESTART),
    memory: () => measureMemory(service, short ? SHORT_MEMORY : { ...MEMORY, webhooks }),
    'long-calls': () => measureLongCalls(service, { openCalls, callsPerSecond: 250 }),
    replicas: () => measureReplicas(service, 3_000),
    partitions: () => measurePartitions(calls),
    history: () => measureHistory(service, { sizes: [attempts / 100, attempts / 10, attempts], load: LOAD }),
  };
  const all = Object.keys(parts).filter((name) => !short || !ONLY_IN_FULL.includes(name));
  const chosen = options.part ?? all;
  for (const name of chosen)
    if (!(name in parts)) wrongUse(`--part must be one of ${Object.keys(parts).join(', ')}, got "${name}"`);
  if (NEEDS_WRK.some((name) => chosen.includes(name)) && !isWrkInstalled())
    wrongUse('wrk is not installed: apt-get install wrk');

  const figures: Figure[] = [];
  for (const name of chosen) {
    console.error(`measuring ${name}`);
    figures.push(...((await parts[name]?.()) ?? []));
  }
  const before = existsSync(RECORDED) ? (JSON.parse(readFileSync(RECORDED, 'utf8')) as Run) : undefined;
  const missed = figures.filter(isMissed);
  console.log(json ? JSON.stringify({ figures, missed, faults }, undefined, 2) : tableOf(figures, before));
  for (const { part, name, value, unit } of missed) console.error(`MISSED: ${part}, ${name}: ${value} ${unit}`);
  for (const fault of faults) console.error(`FAULT: ${fault}`);
  if (record) keep(figures, before);
  process.exitCode = missed.length + faults.length === 0 ? 0 : 1;
}

/** Keeps the figures, and those that the last run has of other parts. */
function keep(measured: readonly Figure[], before: Run | undefined): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`;
  const parts = new Set(measured.map(({ part }) => part));
  const others = (before?.figures ?? []).filter(({ part }) => !parts.has(part));
  const figures = [...others.map((figure) => ({ at: before?.at ?? '', ...figure })), ...measured];
  const run: Run = { at: new Date().toISOString(), machine, node: process.version, figures };
  writeFileSync(RECORDED, `${JSON.stringify(run, undefined, 2)}\n`);
  const page = readFileSync(PAGE, 'utf8');
  const [head = '', rest = ''] = page.split(BEGIN);
  const [, tail = ''] = rest.split(END);
  const days = [...new Set(figures.map(({ at = run.at }: Run['figures'][number]) => at.slice(0, 10)))].sort();
  const table = `On ${days.join(' and ')}, ${machine}, Node ${run.node}:\n\n${tableOf(figures, undefined)}`;
  writeFileSync(PAGE, `${head}${BEGIN}\n\n${table}\n\n${END}${tail}`);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        part: { type: 'string', multiple: true },
        webhooks: { type: 'string', default: '1000000' },
        'open-calls': { type: 'string', default: '36000' },
        calls: { type: 'string', default: '20000' },
        attempts: { type: 'string', default: '10000000' },
        short: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        record: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return wrongUse((error as Error).message);
  }
}

function multipleOf(part: number, name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isInteger(value / part)) return value;
  return wrongUse(`--${name} must be a multiple of ${part}, got "${text}"`);
}

function wrongUse(message: string): never {
  console.error(`bench: ${message}. Run it with --help for the options`);
  process.exit(2);
}
