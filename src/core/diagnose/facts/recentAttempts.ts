import type { AgentCall } from './agentCalls.ts';
import type { Facts } from './facts.ts';
import { isConflictAnswer, mayConflict } from './liveKitResponses.ts';
import { type Counts, type Neighbours, NO_NEIGHBOURS, type OutageSigns, WINDOW_SECONDS } from './neighbours.ts';

/** How many attempts are remembered. If the window has more calls, not all of them are counted. */
const ATTEMPTS_KEPT = 500;

/** What the diagnoses of other calls need to know about a settled attempt to LiveKit. */
export interface SeenAttempt {
  readonly host: string;
  /** The trunks that the attempt may match; absent if LiveKit's configuration is unknown. */
  readonly trunks?: readonly string[];
  readonly result: 'connected' | 'let_in' | 'failed';
  readonly status?: number;
  readonly reason?: string;
  readonly rangOnce: boolean;
  /** Whether a conflict in the configuration may explain a 503; absent if the configuration is unknown. */
  readonly mayConflict?: boolean;
  /** The call to the agent, if it was answered. */
  readonly agentCall?: AgentCall;
}

/** An attempt that was judged, here or elsewhere. Times in epoch milliseconds. */
export interface JudgedAttempt {
  readonly callId: string;
  /** The attempt's id, which stays the same even if another leg becomes the attempt's leg. */
  readonly id: string;
  readonly at: number;
  readonly judgedAt: number;
  readonly seen: SeenAttempt;
}

interface Remembered extends SeenAttempt {
  readonly callId: string;
  readonly at: number;
  readonly judgedAt: number;
  /** The signs that its last verdict rests on, as far as known; `undefined` if the verdict needs none. */
  delivered: OutageSigns | undefined;
}

/**
 * The latest settled attempts to LiveKit, and what those around a call say about it. Bounded. Depends on the attempts
 * that were noted, not on how they were explained.
 */
export class RecentAttempts {
  readonly #seen = new Map<string, Remembered>();
  /** Attempts noted since the last `takeAffected`. */
  #news: Remembered[] = [];

  /** Notes an attempt, replacing an earlier note. If it failed, returns what the attempts around it did. */
  note(attempt: JudgedAttempt): Neighbours {
    const noted = this.#remember(attempt);
    if (noted.result !== 'failed') return NO_NEIGHBOURS;
    const others = around(noted, this.#seen.values());
    noted.delivered = outageSigns(noted, others);
    return { ...countsByPlace(noted, others), outage: noted.delivered };
  }

  /** Notes attempts that were judged elsewhere, if they are new here or were judged again. */
  catchUp(attempts: readonly JudgedAttempt[]): void {
    const added = attempts.filter(
      ({ id, judgedAt }) => (this.#seen.get(id)?.judgedAt ?? Number.NEGATIVE_INFINITY) < judgedAt,
    );
    const noted = added.map((attempt) => this.#remember(attempt));
    // The process that judged the attempt has counted the same neighbours, or will.
    for (const failed of noted.filter(({ result }) => result === 'failed')) {
      failed.delivered = outageSigns(failed, around(failed, this.#seen.values()));
    }
  }

  #remember({ id, callId, at, judgedAt, seen }: JudgedAttempt): Remembered {
    const noted: Remembered = { ...seen, callId, at, judgedAt, delivered: undefined };
    this.#seen.set(id, noted);
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= ATTEMPTS_KEPT) break;
      this.#seen.delete(oldest);
    }
    this.#news.push(noted);
    return noted;
  }

  /**
   * The calls whose verdict rests on signs that changed since the last call of this method. No call
   * is affected endlessly: signs change in one direction only, and an attempt keeps its place in the order of eviction.
   */
  takeAffected(): Set<string> {
    const affected = new Set<string>();
    if (this.#news.length === 0) return affected;
    const all = [...this.#seen.values()];
    const mayChange = changesBy(this.#news, all);
    this.#news = [];
    for (const seen of all) {
      if (seen.delivered === undefined || seen.status !== 503 || !mayChange[seen.delivered]) continue;
      const signs = outageSigns(seen, around(seen, all));
      if (signs === seen.delivered) continue;
      // Whoever judges it again uses the same signs, so the call need not be reported again.
      seen.delivered = signs;
      affected.add(seen.callId);
    }
    return affected;
  }
}

/** Which signs can still change. During an outage, when each call settles beside hundreds, hardly any can. */
function changesBy(news: readonly Remembered[], all: readonly Remembered[]): Record<OutageSigns, boolean> {
  const isUnexplained = news.some(({ result, mayConflict }) => result === 'failed' && mayConflict === false);
  return {
    unknown: isUnexplained || news.some(({ result }) => result !== 'failed'),
    contradicted: isUnexplained,
    supported: all.some(({ result }) => result !== 'failed'),
    mixed: isUnexplained,
  };
}

/** The attempts of other calls to the same host, at the same time. */
function around(call: Remembered, all: Iterable<Remembered>): Remembered[] {
  const others: Remembered[] = [];
  for (const other of all) {
    if (Math.abs(other.at - call.at) > WINDOW_SECONDS * 1_000) continue;
    if (other.host === call.host && other.callId !== call.callId) others.push(other);
  }
  return others;
}

/** What other diagnoses need to know about an attempt; `undefined` for one that isn't to LiveKit. */
export function seenOf({ target, ending, stage, progress, match }: Facts): SeenAttempt | undefined {
  if (target.kind !== 'livekit') return undefined;
  const isLetIn = stage === 'admitted' || stage === 'auth';
  return {
    host: target.uri.host,
    ...(match && { trunks: trunksOf(match) }),
    result: ending.kind === 'answered' ? 'connected' : isLetIn ? 'let_in' : 'failed',
    ...(ending.kind === 'response' && { status: ending.status }),
    ...(ending.kind === 'response' && ending.reason !== undefined && { reason: ending.reason }),
    rangOnce: progress.ringings === 1,
    ...(match && isConflictAnswer(ending) && { mayConflict: mayConflict(match) }),
  };
}

function trunksOf({ choice, likelyTrunk }: NonNullable<Facts['match']>): string[] {
  const between = choice.kind === 'conflict' || choice.kind === 'unknown' ? (choice.between ?? []) : [];
  return [...(likelyTrunk ? [likelyTrunk] : []), ...between].map(({ trunk }) => trunk.sip_trunk_id);
}

type Place = 'same' | 'other' | 'unplaced';

function placeOf(call: SeenAttempt, other: SeenAttempt): Place {
  if (!call.trunks || !other.trunks) return 'unplaced';
  return other.trunks.some((id) => call.trunks?.includes(id)) ? 'same' : 'other';
}

function isAlike(call: SeenAttempt, other: SeenAttempt): boolean {
  if (other.result !== 'failed' || call.status !== other.status) return false;
  if (call.status === undefined) return call.rangOnce === other.rangOnce;
  return call.reason === undefined || other.reason === undefined || call.reason === other.reason;
}

function countsByPlace(call: SeenAttempt, others: readonly SeenAttempt[]): Omit<Neighbours, 'outage'> {
  const placed = Map.groupBy(others, (other) => placeOf(call, other));
  const counts = (place: Place) => countsOf(call, placed.get(place) ?? []);
  return { sameTrunk: counts('same'), otherTrunks: counts('other'), unplaced: counts('unplaced') };
}

function countsOf(call: SeenAttempt, others: readonly SeenAttempt[]): Counts {
  const count = (holds: (other: SeenAttempt) => boolean) => others.filter(holds).length;
  const connected = count(({ result }) => result === 'connected');
  const letIn = count(({ result }) => result === 'let_in');
  const failedAlike = count((other) => isAlike(call, other));
  return { connected, letIn, failedAlike, endedOtherwise: others.length - connected - letIn - failedAlike };
}

// This runs for every remembered failure each time that a call settles: one pass, and another only if calls got in.
function outageSigns(call: Remembered, others: readonly Remembered[]): OutageSigns {
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
  // Calls that got in before the first failure or after the last say nothing: every outage begins and ends.
  const isLetInMeanwhile = passed > 0 && hasPassed(others, isAlone, first, last);
  if (isElsewhere) return isLetInMeanwhile ? 'mixed' : 'supported';
  if (call.mayConflict && !isAlone) return 'mixed';
  return isLetInMeanwhile ? 'contradicted' : 'unknown';
}

/** Whether a call got in between two times. Around a lone failure: whether calls got in both before and after it. */
function hasPassed(others: readonly Remembered[], isAlone: boolean, first: number, last: number): boolean {
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
