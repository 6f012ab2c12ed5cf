import type { CauseId } from '../diagnose/causes.ts';
import type { Site } from '../diagnose/facts/site.ts';
import { weighQuestion } from '../diagnose/question.ts';
import { verdictOf } from '../fixes/prove.ts';
import { judge } from '../trunks/judge/judge.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { type CallKind, type Place, placeOf, toJudge } from './callKind.ts';

/** A kind of calls, with how many of them connected a day in the last days. */
export interface CountedKind {
  readonly key: string;
  readonly kind: CallKind;
  readonly callsPerDay: number;
}

/** What a configuration would do to calls of a kind that connected before. */
export type Hit = {
  readonly counted: CountedKind;
} & (
  | {
      readonly effect: 'refused';
      readonly cause: CauseId;
      /** Whether it rests on nothing unknown. */
      readonly isCertain: boolean;
    }
  | { readonly effect: 'other_place'; readonly now: Place }
);

/**
 * The kinds of calls that a configuration would refuse, or lead to another room or agent than before. In short steps, because
 * there may be a thousand kinds and ten thousand trunks.
 */
export function* hitsInSteps(site: Site, snapshot: Snapshot, kinds: readonly CountedKind[]): Generator<void, Hit[]> {
  const hits: Hit[] = [];
  for (const counted of kinds) {
    yield;
    const { kind } = counted;
    const judgement = judge(snapshot, toJudge(site, kind));
    const verdict = verdictOf(judgement);
    if (verdict === 'refused' || (verdict === 'unknown' && kind.isKnown)) {
      yield;
      hits.push({ counted, effect: 'refused', cause: causeOf(site, snapshot, kind), isCertain: verdict === 'refused' });
      continue;
    }
    const now = placeOf(judgement);
    if (now && !isSameRoom(now, kind.place)) hits.push({ counted, effect: 'other_place', now });
  }
  return hits;
}

/** Whether callers meet the same agents in the same kind of room. The trunk and the rule may be others. */
function isSameRoom(a: Place, b: Place): boolean {
  return a.roomKind === b.roomKind && a.room === b.room && a.agents.join() === b.agents.join();
}

/** Why the calls would be refused, as the check would say. */
function causeOf(site: Site, snapshot: Snapshot, kind: CallKind): CauseId {
  const { blocking, latent } = weighQuestion(...questionOf(site, snapshot, kind));
  const [first] = [...blocking, ...latent];
  return first?.cause.id ?? 'unclassified';
}

/** A kind of calls as the question whether it would connect. */
export function questionOf(site: Site, snapshot: Snapshot, { to, caller, sources, auth }: CallKind) {
  return [{ ...site, sbcAddresses: sources }, snapshot, { to, caller, source: undefined, auth }] as const;
}

/** Hits that are one fault: of one cause or one new place, on one trunk. */
export interface Forecast {
  /** The same for the same fault in each version. */
  readonly key: string;
  /** The trunk on which the calls connected; `none` past all trunks. */
  readonly trunk: string;
  /** Those that concern most calls first; never empty. */
  readonly hits: readonly [Hit, ...Hit[]];
  readonly callsPerDay: number;
}

/** Groups hits by fault, those that concern most calls first. */
export function forecastsOf(hits: readonly Hit[]): Forecast[] {
  const groups = Map.groupBy(hits, keyOfHit);
  return [...groups]
    .flatMap(([key, group]): Forecast[] => {
      const [first, ...others] = group.toSorted((a, b) => b.counted.callsPerDay - a.counted.callsPerDay);
      if (!first) return [];
      const callsPerDay = sum(group.map(({ counted }) => counted.callsPerDay));
      return [{ key, trunk: trunkOf(first), hits: [first, ...others], callsPerDay }];
    })
    .sort((a, b) => b.callsPerDay - a.callsPerDay);
}

function keyOfHit(hit: Hit): string {
  const how = hit.effect === 'refused' ? hit.cause : JSON.stringify([hit.now.roomKind, hit.now.room, hit.now.agents]);
  return JSON.stringify([hit.effect, how, trunkOf(hit)]);
}

function trunkOf({ counted }: Hit): string {
  return counted.kind.place.trunk ?? 'none';
}

/** How many calls of some kinds connected a day. */
export function callsPerDayOf(kinds: readonly CountedKind[]): number {
  return sum(kinds.map(({ callsPerDay }) => callsPerDay));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
