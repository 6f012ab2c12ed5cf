import type { Party } from '../diagnose/cause.ts';
import type { CauseId } from '../diagnose/causes.ts';
import type { Paste } from '../fixes/fix.ts';
import type { Proof } from '../fixes/prove.ts';
import type { TakeBack } from '../fixes/takeBack.ts';
import type { Place } from './callKind.ts';
import { type CountedKind, callsPerDayOf, type Forecast, type Hit } from './forecast.ts';
import type { Hole } from './holes.ts';

/**
 * What a change of LiveKit's configuration does. `refused`: calls that used to connect would fail. `other_place`: they would
 * reach another room or agent. `opened`: calls get in that used to be kept out.
 */
export const EFFECTS = ['refused', 'other_place', 'opened'] as const;
export type Effect = (typeof EFFECTS)[number];

/**
 * Why a predicted incident closed. `taken_back`: the configuration admits the calls again, as before. `calls_connected`: such
 * calls have connected since. `no_calls`: no such call connected in the last days. `resolved_by_hand`: a person accepted it.
 */
export type PredictionClosed = 'taken_back' | 'calls_connected' | 'no_calls' | 'resolved_by_hand';

/** A kind of calls that a prediction concerns. */
export interface PredictedKind {
  readonly key: string;
  readonly to: string;
  readonly caller?: string;
  readonly isGroup?: true;
  readonly callsPerDay: number;
  readonly before: Place;
  /** Only of `other_place`. */
  readonly now?: Place;
}

/** An edit of LiveKit's configuration, with the command that makes it. */
export interface PredictedFix {
  readonly action: string;
  readonly pastes: readonly Paste[];
  readonly proof?: Proof;
}

/** The change that a prediction rests on. Times in epoch milliseconds. */
export interface PredictedChange {
  /** The last reading without it, and the first with it. */
  readonly since: number;
  readonly at: number;
  readonly texts: readonly string[];
}

/** A predicted incident: what a change of LiveKit's configuration will do to calls, before the first of them is made. */
export interface Prediction {
  readonly version: 1;
  readonly id: string;
  /** Of its fault. At most one with the same key is open. */
  readonly key: string;
  readonly effect: Effect;
  readonly isCertain: boolean;
  /** Only of `refused`. */
  readonly cause?: CauseId;
  readonly party: Party;
  /** A trunk's id, or `none`. */
  readonly trunk: string;
  /** Only of `opened`. */
  readonly hole?: Hole;
  /** Epoch milliseconds. */
  readonly openedAt: number;
  readonly closed?: { readonly at: number; readonly because: PredictionClosed; readonly by?: string };
  readonly change: PredictedChange;
  /** Those with most calls; `kindsHit` counts all of them, and `kindsSeen` all kinds of the last days. */
  readonly kinds: readonly PredictedKind[];
  /** The keys of all of them. */
  readonly keys: readonly string[];
  readonly kindsHit: number;
  readonly kindsSeen: number;
  readonly callsPerDay: number;
  /** Of all calls of the last days, from 0 to 1. */
  readonly share: number;
  /** The edit that mends it with the change in place; absent if there is none. */
  readonly fix?: PredictedFix;
  /** The edit that takes the change back; absent if that isn't known. */
  readonly takeBack?: TakeBack;
}

/** How many kinds of calls a prediction lists. */
const KINDS_LISTED = 20;

/** What a prediction is made of, besides the forecast. */
export interface Circumstances {
  readonly id: string;
  readonly now: number;
  readonly change: PredictedChange;
  readonly kinds: readonly CountedKind[];
  readonly fix: PredictedFix | undefined;
  readonly takeBack: TakeBack | undefined;
}

/** Opens a prediction for calls that a change hits. */
export function predict(forecast: Forecast, circumstances: Circumstances): Prediction {
  const [first] = forecast.hits;
  return {
    ...opened(circumstances),
    key: forecast.key,
    effect: first.effect,
    isCertain: first.effect === 'other_place' || forecast.hits.some((hit) => hit.effect === 'refused' && hit.isCertain),
    ...(first.effect === 'refused' && { cause: first.cause }),
    trunk: forecast.trunk,
    ...extent(forecast, circumstances.kinds),
  };
}

/** Opens a prediction for a hole. */
export function predictHole(hole: Hole, circumstances: Circumstances): Prediction {
  return {
    ...opened(circumstances),
    key: keyOfHole(hole),
    effect: 'opened',
    isCertain: true,
    trunk: hole.trunk,
    hole,
    kinds: [],
    keys: [],
    kindsHit: 0,
    kindsSeen: circumstances.kinds.length,
    callsPerDay: 0,
    share: 0,
  };
}

export function keyOfHole({ id }: Hole): string {
  return JSON.stringify(['opened', id]);
}

function opened({ id, now, change, fix, takeBack }: Circumstances) {
  // Whatever the cause: before the change, the calls connected.
  const party = 'livekit_config' as const;
  return { version: 1 as const, id, party, openedAt: now, change, ...(fix && { fix }), ...(takeBack && { takeBack }) };
}

/** How many calls a forecast concerns now. */
export function extent({ hits, callsPerDay }: Forecast, kinds: readonly CountedKind[]) {
  const all = callsPerDayOf(kinds);
  return {
    kinds: hits.slice(0, KINDS_LISTED).map(predictedKind),
    keys: hits.map(({ counted }) => counted.key),
    kindsHit: hits.length,
    kindsSeen: kinds.length,
    callsPerDay,
    share: all === 0 ? 0 : callsPerDay / all,
  };
}

function predictedKind(hit: Hit): PredictedKind {
  const { key, kind, callsPerDay } = hit.counted;
  const { to, caller, isGroup, place } = kind;
  return {
    key,
    to,
    ...(caller !== undefined && { caller }),
    ...(isGroup && { isGroup }),
    callsPerDay,
    before: place,
    ...(hit.effect === 'other_place' && { now: hit.now }),
  };
}

/** Why a prediction whose fault is no longer there closes. `kinds` are those of the last days. */
export function whyOver({ kinds: concerned, effect }: Prediction, kinds: readonly CountedKind[]): PredictionClosed {
  if (effect === 'opened') return 'taken_back';
  const known = new Map(kinds.map((counted) => [counted.key, counted]));
  const left = concerned.filter(({ key }) => known.has(key));
  if (left.length === 0) return 'no_calls';
  const hasMoved = ({ key, before }: PredictedKind) => {
    const place = known.get(key)?.kind.place;
    return place !== undefined && JSON.stringify(place) !== JSON.stringify(before);
  };
  return left.some(hasMoved) ? 'calls_connected' : 'taken_back';
}

export function closePrediction(
  prediction: Prediction,
  because: PredictionClosed,
  at: number,
  by?: string,
): Prediction {
  return { ...prediction, closed: { at, because, ...(by !== undefined && { by }) } };
}
