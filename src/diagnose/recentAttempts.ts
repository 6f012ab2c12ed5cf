import type { Facts } from './facts.ts';
import { isConflictAnswer, mayConflict } from './liveKitResponses.ts';
import { type Counts, type Neighbours, NO_NEIGHBOURS, type OutageSigns, WINDOW_SECONDS } from './neighbours.ts';

/** How many attempts are remembered. More calls than these in the window are not all counted. */
const ATTEMPTS_KEPT = 500;

/** What is remembered of a settled attempt to LiveKit. */
interface Seen {
  readonly callId: string;
  /** Epoch milliseconds at which it began. */
  readonly at: number;
  readonly host: string;
  /** The trunks that it was for; `undefined` where LiveKit's configuration is not known. */
  readonly trunks: readonly string[] | undefined;
  readonly result: 'connected' | 'let_in' | 'failed';
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly rangOnce: boolean;
  /** Whether the configuration accounts for a 503 by a conflict; `undefined` where it is not known. */
  readonly mayConflict: boolean | undefined;
  /** What a verdict was last given by, of an attempt whose verdict depends on its neighbours. */
  told: OutageSigns;
}

/**
 * The latest settled attempts to LiveKit, and what those around a call say of it. Bounded, and not kept beyond the
 * process. Depends on the attempts that were noted, not on how they were explained.
 */
export class RecentAttempts {
  readonly #seen = new Map<string, Seen>();
  /** Noted since it was last asked whose verdict that may change. */
  #news: Seen[] = [];

  /**
   * Notes a settled attempt, and tells what those around it did, where it failed. What was noted of it before is
   * replaced.
   */
  note(callId: string, callSid: string, at: number, facts: Facts): Neighbours {
    const { target } = facts;
    if (target.kind !== 'livekit') return NO_NEIGHBOURS;
    const seen: Seen = { ...seenOf(facts, target.uri.host), callId, at, told: 'unknown' };
    this.#seen.set(callSid, seen);
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= ATTEMPTS_KEPT) break;
      this.#seen.delete(oldest);
    }
    this.#news.push(seen);
    if (seen.result !== 'failed') return NO_NEIGHBOURS;
    const others = around(seen, this.#seen.values());
    seen.told = outageSigns(seen, others);
    return { ...countsByPlace(seen, others), outage: seen.told };
  }

  /**
   * The calls of which others, noted since this was last asked, say something else than their verdict rests on. None
   * comes without end: signs go one way as others are noted, and an attempt keeps its place among those to be forgotten.
   */
  takeStirred(): Set<string> {
    const stirred = new Set<string>();
    if (this.#news.length === 0) return stirred;
    const all = [...this.#seen.values()];
    const mayChange = changesBy(this.#news, all);
    this.#news = [];
    for (const seen of all) {
      if (seen.result !== 'failed' || seen.status !== 503 || !mayChange[seen.told]) continue;
      if (outageSigns(seen, around(seen, all)) === seen.told) continue;
      stirred.add(seen.callId);
    }
    return stirred;
  }
}

/** Which signs can become others: in an outage, where each call settles beside hundreds, hardly any. */
function changesBy(news: readonly Seen[], all: readonly Seen[]): Record<OutageSigns, boolean> {
  const isUnexplained = news.some(({ result, mayConflict }) => result === 'failed' && mayConflict === false);
  return {
    unknown: isUnexplained || news.some(({ result }) => result !== 'failed'),
    contradicted: isUnexplained,
    supported: all.some(({ result }) => result !== 'failed'),
    mixed: isUnexplained,
  };
}

/** The attempts of other calls to the same host, at the same time. */
function around(call: Seen, all: Iterable<Seen>): Seen[] {
  const others: Seen[] = [];
  for (const other of all) {
    if (Math.abs(other.at - call.at) > WINDOW_SECONDS * 1_000) continue;
    if (other.host === call.host && other.callId !== call.callId) others.push(other);
  }
  return others;
}

function seenOf({ ending, stage, progress, match }: Facts, host: string): Omit<Seen, 'callId' | 'at' | 'told'> {
  const isLetIn = stage === 'admitted' || stage === 'auth';
  return {
    host,
    trunks: match && trunksOf(match),
    result: ending.kind === 'answered' ? 'connected' : isLetIn ? 'let_in' : 'failed',
    status: ending.kind === 'response' ? ending.status : undefined,
    reason: ending.kind === 'response' ? ending.reason : undefined,
    rangOnce: progress.ringings === 1,
    mayConflict: match && isConflictAnswer(ending) ? mayConflict(match) : undefined,
  };
}

function trunksOf({ choice, meant }: NonNullable<Facts['match']>): string[] {
  const between = choice.kind === 'conflict' || choice.kind === 'unknown' ? (choice.between ?? []) : [];
  return [...(meant ? [meant] : []), ...between].map(({ trunk }) => trunk.sip_trunk_id);
}

type Place = 'same' | 'other' | 'unplaced';

function placeOf(call: Seen, other: Seen): Place {
  if (!call.trunks || !other.trunks) return 'unplaced';
  return other.trunks.some((id) => call.trunks?.includes(id)) ? 'same' : 'other';
}

function isAlike(call: Seen, other: Seen): boolean {
  if (other.result !== 'failed' || call.status !== other.status) return false;
  if (call.status === undefined) return call.rangOnce === other.rangOnce;
  return call.reason === undefined || other.reason === undefined || call.reason === other.reason;
}

function countsByPlace(call: Seen, others: readonly Seen[]): Omit<Neighbours, 'outage'> {
  const placed = Map.groupBy(others, (other) => placeOf(call, other));
  const counts = (place: Place) => countsOf(call, placed.get(place) ?? []);
  return { sameTrunk: counts('same'), otherTrunks: counts('other'), unplaced: counts('unplaced') };
}

function countsOf(call: Seen, others: readonly Seen[]): Counts {
  const count = (holds: (other: Seen) => boolean) => others.filter(holds).length;
  const connected = count(({ result }) => result === 'connected');
  const letIn = count(({ result }) => result === 'let_in');
  const failedAlike = count((other) => isAlike(call, other));
  return { connected, letIn, failedAlike, endedOtherwise: others.length - connected - letIn - failedAlike };
}

// Asked of every remembered failure each time that a call settles: one pass, and another only where calls got in.
function outageSigns(call: Seen, others: readonly Seen[]): OutageSigns {
  let first = call.at;
  let last = call.at;
  let isAlone = true;
  let isElsewhere = false;
  let passed = 0;
  for (const other of others) {
    if (other.result !== 'failed') passed += 1;
    else if (other.mayConflict === false && isAlike(call, other)) {
      first = Math.min(first, other.at);
      last = Math.max(last, other.at);
      isAlone = false;
      isElsewhere ||= placeOf(call, other) === 'other';
    }
  }
  // Calls that LiveKit let in before the first failure or after the last say nothing: an outage begins and ends.
  const isLetInMeanwhile = passed > 0 && hasPassed(others, isAlone, first, last);
  if (isElsewhere) return isLetInMeanwhile ? 'mixed' : 'supported';
  if (call.mayConflict && !isAlone) return 'mixed';
  return isLetInMeanwhile ? 'contradicted' : 'unknown';
}

/** Whether a call got in between two times, or, around a failure that is alone, before and after it. */
function hasPassed(others: readonly Seen[], isAlone: boolean, first: number, last: number): boolean {
  let isBefore = false;
  let isAfter = false;
  for (const { result, at } of others) {
    if (result === 'failed') continue;
    if (at >= first && at <= last) return true;
    if (at < first) isBefore = true;
    else isAfter = true;
  }
  return isAlone && isBefore && isAfter;
}
