import { matchTrunk } from '../../src/core/trunks/match/match.ts';
import { parseRule } from '../../src/core/trunks/readSnapshot.ts';
import { type DispatchRule, type InboundTrunk, Snapshot } from '../../src/core/trunks/snapshot.ts';
import { median } from '../load/loadReport.ts';
import { type BenchCall, SHAPES, type Shape } from './benchShapes.ts';
import type { Figure } from './figure.ts';

// Measures LiveKit's choice and the reasons of the ten nearest trunks beside the linear reference, which goes through
// every trunk as LiveKit's own code does.

const SIZES = [1_000, 10_000] as const;
const LIMIT_AT = 10_000;
/** Limit in microseconds, for trunks that each have their own numbers. */
const LIMIT_US = 50;
/**
 * For trunks that share a number: how many times the linear reference of the same run. The rest is the machine's noise.
 */
const LIMIT_RATIO = 1.3;
/** The longest time that building the indexes may block the event loop, in milliseconds. */
const LIMIT_STEP_MS = 50;
/** Calls of one shape, asked in turn so that no single answer stays in the processor's cache. */
const CALLS = 256;
/** Length of a round of measuring, in milliseconds. */
const ROUND_MS = 12;
const BUILDS = 5;

interface Choice {
  readonly trunks: number;
  /** Medians, in microseconds. */
  readonly indexed: number;
  readonly linear: number;
  /** The first over the second: the median of what each round says. */
  readonly ratio: number;
}

interface Build {
  /** Milliseconds of this thread's processor time: what else the machine does is no matter here. */
  readonly total: number;
  readonly longestStep: number;
}

interface Row {
  readonly shape: string;
  readonly isCrowded: boolean;
  readonly choices: readonly Choice[];
  /** Of all indexes over the largest number of trunks, with as many rules: the best of some builds. */
  readonly build: Build;
}

/**
 * The choice and the building of the indexes for each shape of configuration. The first half of the rounds only warms up
 * the compiler.
 */
export function measureMatching(rounds: number): Figure[] {
  return SHAPES.map((shape) => measure(shape, rounds)).flatMap(figuresOf);
}

function measure(shape: Shape, rounds: number): Row {
  const trunksOf = (size: number) => Array.from({ length: size }, (_, i) => shape.trunk(i));
  return {
    shape: shape.name,
    isCrowded: shape.isCrowded,
    choices: SIZES.map((size) => measureAt(shape, trunksOf(size), rounds)),
    build: measureBuild(trunksOf(LIMIT_AT)),
  };
}

/** Measures index and reference in turn, so that other load on the machine affects both alike. */
function measureAt(shape: Shape, trunks: readonly InboundTrunk[], count: number): Choice {
  const calls = Array.from({ length: CALLS }, (_, i) => shape.call(Math.floor((i * trunks.length) / CALLS)));
  const snapshot = new Snapshot({ trunks, rules: [] });
  const rounds = Array.from({ length: count }, () => ({
    indexed: time(calls, (call) => lookUp(snapshot, call)),
    linear: time(calls, (call) => goThrough(trunks, call)),
  })).slice(count / 2);
  return {
    trunks: trunks.length,
    indexed: median(rounds.map(({ indexed }) => indexed)),
    linear: median(rounds.map(({ linear }) => linear)),
    ratio: median(rounds.map(({ indexed, linear }) => indexed / linear)),
  };
}

/** The median of the calls in one round, in microseconds. */
function time(calls: readonly BenchCall[], ask: (call: BenchCall) => void): number {
  const times: number[] = [];
  const end = performance.now() + ROUND_MS;
  for (let started = performance.now(); started < end; ) {
    const call = calls[times.length % calls.length];
    if (!call) break;
    ask(call);
    const ended = performance.now();
    times.push((ended - started) * 1000);
    started = ended;
  }
  return median(times);
}

function lookUp({ trunkIndex }: Snapshot, { called, caller, source }: BenchCall): void {
  const asked = { called, caller, sources: [source], fromHost: 'sbc.example', strictAddresses: false };
  trunkIndex.choose(asked, 'fail');
  trunkIndex.nearest(asked, 10);
}

function goThrough(trunks: readonly InboundTrunk[], { called, caller, source }: BenchCall): void {
  matchTrunk(trunks, { to_user: called, from_user: caller, source_ip: source, from_host: 'sbc.example' });
}

function measureBuild(trunks: readonly InboundTrunk[]): Build {
  const rules = trunks.map(({ sip_trunk_id }, i) => ruleFor(sip_trunk_id, i));
  const builds = Array.from({ length: BUILDS }, () => build(new Snapshot({ trunks, rules })));
  return {
    total: Math.min(...builds.map(({ total }) => total)),
    longestStep: Math.min(...builds.map(({ longestStep }) => longestStep)),
  };
}

function build(snapshot: Snapshot): Build {
  const steps = snapshot.prepare(false);
  let total = 0;
  let longestStep = 0;
  for (let isDone = false; !isDone; ) {
    const before = process.threadCpuUsage();
    isDone = steps.next().done === true;
    const { user, system } = process.threadCpuUsage(before);
    const step = (user + system) / 1000;
    total += step;
    longestStep = Math.max(longestStep, step);
  }
  return { total, longestStep };
}

function ruleFor(trunkId: string, i: number): DispatchRule {
  const rule = { dispatch_rule_individual: { room_prefix: 'call-' } };
  return parseRule({ sip_dispatch_rule_id: `SDR_${i}`, trunk_ids: [trunkId], rule });
}

function figuresOf({ shape, isCrowded, choices, build }: Row): Figure[] {
  const part = 'matching';
  const size = LIMIT_AT.toLocaleString('en');
  return [
    ...choices.map(({ trunks, indexed }): Figure => {
      // Trunks that share a number are checked one by one, as LiveKit does.
      const limit = trunks === LIMIT_AT && !isCrowded ? { atMost: LIMIT_US } : {};
      return { part, name: `${trunks.toLocaleString('en')} trunks, ${shape}`, value: indexed, unit: 'µs', ...limit };
    }),
    ...choices.flatMap(({ trunks, indexed, ratio }): Figure[] => {
      // The reference stops at the first conflict, which takes almost no time.
      if (trunks !== LIMIT_AT || !isCrowded || indexed < LIMIT_US) return [];
      return [
        {
          part,
          name: `${size} trunks, ${shape}, of the linear reference`,
          value: ratio,
          unit: '',
          atMost: LIMIT_RATIO,
        },
      ];
    }),
    {
      part,
      name: `longest step of indexing ${size} trunks, ${shape}`,
      value: build.longestStep,
      unit: 'ms',
      atMost: LIMIT_STEP_MS,
    },
  ];
}
