import { parseArgs } from 'node:util';
import { matchTrunk } from '../src/trunks/match.ts';
import type { InboundTrunk } from '../src/trunks/snapshot.ts';
import { TrunkIndex } from '../src/trunks/trunkIndex.ts';
import { type BenchCall, SHAPES, type Shape } from './benchShapes.ts';

// Measures LiveKit's choice and the reasons of the ten nearest trunks, looked up in the index, beside the linear
// reference that goes through every trunk. Exits with 1 when the index misses what it is there for.

const SIZES = [1_000, 10_000, 100_000] as const;
const LIMIT_US = 50;
const LIMIT_AT = 10_000;
const LIMIT_GROWTH = 2;
/** Calls of one shape that are asked in turn, so that no single answer stays in the processor's cache. */
const CALLS = 256;
const ROUNDS = 60;

interface Figure {
  readonly trunks: number;
  /** Medians, in microseconds. */
  readonly indexed: number;
  readonly linear: number;
  /** Of the index over all trunks, in milliseconds; once for each snapshot. */
  readonly build: number;
}

interface Row {
  readonly shape: string;
  readonly figures: readonly Figure[];
  /** The largest size's time over the smallest one's: the median of what each round says. */
  readonly growth: number;
}

const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const rows = SHAPES.map(measure);
const misses = rows.flatMap(missesOf);

if (options.json) console.log(JSON.stringify({ rows, misses }, undefined, 2));
else print();
process.exitCode = misses.length === 0 ? 0 : 1;

/** The sizes are measured in turn, round by round, so that whatever else the machine does falls on all of them alike. */
function measure(shape: Shape): Row {
  const subjects = SIZES.map((size) => prepare(shape, size));
  const rounds = Array.from({ length: 2 * ROUNDS }, () => subjects.map(timeIndexed));
  const kept = rounds.slice(ROUNDS); // What comes before is compiled only then.
  return {
    shape: shape.name,
    figures: subjects.map(({ trunks, build, calls }, i) => ({
      trunks: trunks.length,
      indexed: median(kept.map((round) => round[i] ?? Number.NaN)),
      linear: median(calls.slice(0, trunks.length > 10_000 ? 9 : 25).map((call) => timeLinear(trunks, call))),
      build,
    })),
    growth: median(kept.map((round) => (round.at(-1) ?? Number.NaN) / (round[0] ?? Number.NaN))),
  };
}

interface Subject {
  readonly trunks: readonly InboundTrunk[];
  readonly index: TrunkIndex;
  readonly calls: readonly BenchCall[];
  readonly build: number;
}

function prepare(shape: Shape, size: number): Subject {
  const trunks = Array.from({ length: size }, (_, i) => shape.trunk(i));
  const calls = Array.from({ length: CALLS }, (_, i) => shape.call(Math.floor((i * size) / CALLS)));
  const started = performance.now();
  const index = new TrunkIndex(trunks);
  return { trunks, index, calls, build: performance.now() - started };
}

/** Microseconds for one call. */
function timeIndexed({ index, calls }: Subject): number {
  const started = performance.now();
  for (const call of calls) lookUp(index, call);
  return ((performance.now() - started) * 1000) / calls.length;
}

/** Microseconds for this call. */
function timeLinear(trunks: readonly InboundTrunk[], call: BenchCall): number {
  const started = performance.now();
  goThrough(trunks, call);
  return (performance.now() - started) * 1000;
}

function lookUp(index: TrunkIndex, call: BenchCall): void {
  const asked = { called: call.called, caller: call.caller, sources: [call.source], fromHost: "sbc.example", strictAddresses: false };
  index.choose(asked, 'fail');
  index.nearest(asked, 10);
}

function goThrough(trunks: readonly InboundTrunk[], { called, caller, source }: BenchCall): void {
  const asked = { to_user: called, from_user: caller, source_ip: source, from_host: 'sbc.example' };
  matchTrunk(trunks, asked);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function missesOf({ shape, figures, growth }: Row): string[] {
  const misses: string[] = [];
  const at = figures.find(({ trunks }) => trunks === LIMIT_AT);
  if (at && at.indexed >= LIMIT_US) misses.push(`${shape}: ${at.indexed.toFixed(1)} µs, not under ${LIMIT_US} µs`);
  if (growth >= LIMIT_GROWTH) misses.push(`${shape}: grows ${growth.toFixed(2)}×, not under ${LIMIT_GROWTH}×`);
  return misses;
}

function print(): void {
  const columns = SIZES.map((size) => size.toLocaleString('en').padStart(9)).join('');
  console.log('Choice and the ten nearest trunks, median µs, by number of trunks');
  console.log(`${''.padEnd(52)}${columns}  growth   linear at ${LIMIT_AT.toLocaleString('en')}`);
  for (const { shape, figures, growth } of rows) {
    const indexed = figures.map((figure) => figure.indexed.toFixed(1).padStart(9)).join('');
    const at = figures.find(({ trunks }) => trunks === LIMIT_AT);
    const linear = at ? `${at.linear.toFixed(0).padStart(9)} (${(at.linear / at.indexed).toFixed(0)}×)` : '';
    console.log(`${shape.padEnd(52)}${indexed}${`${growth.toFixed(2)}×`.padStart(8)} ${linear}`);
  }
  const builds = SIZES.map((size) => {
    const all = rows.flatMap(({ figures }) =>
      figures.filter(({ trunks }) => trunks === size).map(({ build }) => build),
    );
    return `${size.toLocaleString('en')}: ${Math.max(...all).toFixed(0)} ms`;
  });
  console.log(`Building the index, at most: ${builds.join(', ')}`);
  for (const miss of misses) console.log(`MISSED: ${miss}`);
}
