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
  /** The last size's median over the first one's. */
  readonly growth: number;
}

const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const rows = SHAPES.map(measure);
const misses = rows.flatMap(missesOf);

if (options.json) console.log(JSON.stringify({ rows, misses }, undefined, 2));
else print();
process.exitCode = misses.length === 0 ? 0 : 1;

function measure(shape: Shape): Row {
  const figures = SIZES.map((size) => measureAt(shape, size));
  return { shape: shape.name, figures, growth: (figures.at(-1)?.indexed ?? 0) / (figures[0]?.indexed ?? 1) };
}

function measureAt(shape: Shape, size: number): Figure {
  const trunks = Array.from({ length: size }, (_, i) => shape.trunk(i));
  const calls = Array.from({ length: CALLS }, (_, i) => shape.call(Math.floor((i * size) / CALLS)));
  const started = performance.now();
  const index = new TrunkIndex(trunks, false);
  const build = performance.now() - started;
  return {
    trunks: size,
    indexed: median(300, 32, calls, (call) => lookUp(index, call)),
    linear: median(size > 10_000 ? 9 : 25, 1, calls, (call) => goThrough(trunks, call)),
    build,
  };
}

function lookUp(index: TrunkIndex, call: BenchCall): number {
  const asked = { called: call.called, caller: call.caller, sources: [call.source], fromHost: 'sbc.example' };
  return index.choose(asked, 'fail').kind.length + index.nearest(asked, 10).length;
}

function goThrough(trunks: readonly InboundTrunk[], { called, caller, source }: BenchCall): number {
  const asked = { to_user: called, from_user: caller, source_ip: source, from_host: 'sbc.example' };
  return matchTrunk(trunks, asked).filtered.length;
}

/** The median time of one run, in microseconds, over `samples` samples of `batch` runs each. */
function median(samples: number, batch: number, calls: readonly BenchCall[], run: (call: BenchCall) => number): number {
  const times: number[] = [];
  let next = 0;
  let checksum = 0;
  // As many runs again come first, so that what is measured is compiled.
  for (let sample = -samples; sample < samples; sample++) {
    const started = performance.now();
    for (let i = 0; i < batch; i++) {
      const call = calls[next++ % calls.length];
      if (call) checksum += run(call);
    }
    if (sample >= 0) times.push(((performance.now() - started) * 1000) / batch);
  }
  // Used, so that the runs cannot be left out.
  if (Number.isNaN(checksum)) throw new Error('a run returned no number');
  return times.sort((a, b) => a - b)[times.length >> 1] ?? 0;
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
