import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { check } from '../core/check/check.ts';
import type { Site } from '../core/diagnose/facts/site.ts';
import { preferredFix } from '../core/fixes/rankFixes.ts';
import { takeBack } from '../core/fixes/takeBack.ts';
import { type ConnectedCall, keyOfKind, kindOf } from '../core/predict/callKind.ts';
import { changesBehind, changesOfHole, namedChange } from '../core/predict/concerned.ts';
import { type CountedKind, type Forecast, forecastsOf, hitsInSteps, questionOf } from '../core/predict/forecast.ts';
import { type Hole, isStillOpen, openedHoles } from '../core/predict/holes.ts';
import {
  type Circumstances,
  extent,
  keyOfHole,
  type PredictedFix,
  type Prediction,
  predict,
  predictHole,
  whyOver,
} from '../core/predict/prediction.ts';
import type { ConfigurationChange, SeenChange } from '../core/trunks/difference.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { hasPassed } from '../loop/clockWatch.ts';
import { inSlices, pause } from '../loop/slices.ts';
import type { CallKinds, KindCalls } from '../store/predictions/callKinds.ts';
import type { Predictions } from '../store/predictions/predictions.ts';

/** How many different calls wait in memory until their kinds are stored. With so many they are stored at once. */
const MOST_WAITING = 1_000;
/** How often, in milliseconds, old kinds are deleted. */
const PRUNE_EVERY_MS = 10 * 60_000;
/** How many predicted incidents a change opens at most. More are one fault with many names. */
const MOST_OPENED = 50;

interface TrackerParts {
  readonly kinds: CallKinds;
  readonly predictions: Predictions;
  readonly site: Site;
  /** Epoch milliseconds. */
  now(): number;
  readonly events: {
    /** Which predicted incidents are open, whenever that was read. */
    onOpen(open: readonly Prediction[]): void;
    /** A predicted incident that this process opened or closed. */
    onEvent(prediction: Prediction): void;
    /** When the store fails. */
    onError(error: Error): void;
  };
}

interface Waiting {
  readonly call: ConnectedCall;
  readonly snapshot: Snapshot;
  readonly at: number;
  calls: number;
}

/**
 * Learns which kinds of calls connect, and matches them against each new version of LiveKit's configuration, before anybody
 * calls. All work runs in the background, one task at a time.
 */
export class PredictionTracker {
  readonly #parts: TrackerParts;
  #waiting = new Map<string, Waiting>();
  #turn: Promise<void> = Promise.resolve();
  #hasOpen = false;
  #prunedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: TrackerParts) {
    this.#parts = parts;
  }

  /** Notes a call to LiveKit that connected at a time, in epoch milliseconds, under a configuration. */
  connected(call: ConnectedCall, snapshot: Snapshot, at: number): void {
    const key = JSON.stringify([call.to, call.from, call.declaredAuth]);
    const waiting = this.#waiting.get(key);
    if (waiting?.snapshot === snapshot) waiting.calls += 1;
    else if (waiting || this.#waiting.size < MOST_WAITING) {
      this.#waiting.set(key, { call, snapshot, at, calls: 1 + (waiting?.calls ?? 0) });
      if (!waiting && this.#waiting.size === MOST_WAITING) this.flush();
    }
  }

  /** Stores the kinds of the calls that were noted. */
  flush(): void {
    if (this.#waiting.size > 0) this.#enqueue(() => this.#store());
  }

  /** Judges a version of the configuration that was just read; `seen` is the change that led to it. */
  changed(snapshot: Snapshot, seen: SeenChange): void {
    this.#enqueue(async () => {
      const holes = await inSlices(openedHoles(seen.before, snapshot));
      await this.#judge(snapshot, seen, holes);
    });
  }

  /** Judges the version in force again, because calls may have connected since it was predicted that they would not. */
  again(snapshot: Snapshot, seen: SeenChange | undefined): void {
    if (this.#hasOpen) this.#enqueue(() => this.#judge(snapshot, seen, []));
  }

  /** Reads which predicted incidents are open, because other replicas change them too. */
  refresh(): void {
    this.#enqueue(() => this.#show());
  }

  /** Resolves once all that was reported is stored. */
  settled(): Promise<void> {
    return this.#turn;
  }

  async #store(): Promise<void> {
    const { kinds, site, now } = this.#parts;
    const waiting = this.#waiting;
    this.#waiting = new Map();
    const found = new Map<string, KindCalls>();
    for (const { call, snapshot, at, calls } of waiting.values()) {
      await pause();
      const kind = kindOf(site, snapshot, call);
      if (!kind) continue;
      const key = keyOfKind(kind);
      found.set(key, { key, kind, at, calls: calls + (found.get(key)?.calls ?? 0) });
    }
    await kinds.add([...found.values()]);
    if (!hasPassed(PRUNE_EVERY_MS, this.#prunedAt, now())) return;
    this.#prunedAt = now();
    await kinds.prune(now());
  }

  async #judge(snapshot: Snapshot, seen: SeenChange | undefined, holes: readonly Hole[]): Promise<void> {
    if (this.#waiting.size > 0) await this.#store();
    const { kinds: store, predictions, site, now, events } = this.#parts;
    const kinds = await store.latest(now());
    const forecasts = forecastsOf(await inSlices(hitsInSteps(site, snapshot, kinds)));
    const open = await predictions.list('open');
    const byKey = new Map(open.map((prediction) => [prediction.key, prediction]));
    const news: Prediction[] = [];
    for (const forecast of forecasts) {
      await pause();
      const known = byKey.get(forecast.key);
      if (known) {
        // The numbers and the fix are those of now, whatever else changed since it was predicted.
        const { fix: _, ...rest } = known;
        const current = { ...rest, ...extent(forecast, kinds), ...this.#fixFor(forecast, snapshot) };
        if (!isDeepStrictEqual(current, known)) await predictions.update(current);
      } else if (news.length < MOST_OPENED) news.push(this.#forecast(forecast, snapshot, seen, kinds));
    }
    for (const hole of holes) {
      if (!seen || byKey.has(keyOfHole(hole)) || news.length >= MOST_OPENED) continue;
      news.push(predictHole(hole, this.#circumstances(changesOfHole(hole, seen.changes), seen, kinds, undefined)));
    }
    for (const prediction of news) if (await predictions.open(prediction)) events.onEvent(prediction);
    const forecast = new Set(forecasts.map(({ key }) => key));
    for (const prediction of open) {
      const isThere = prediction.hole ? isStillOpen(prediction.hole, snapshot) : forecast.has(prediction.key);
      if (isThere) continue;
      const closed = await predictions.close(prediction.id, whyOver(prediction, kinds), now());
      if (closed) events.onEvent(closed);
    }
    await this.#show();
  }

  #forecast(
    forecast: Forecast,
    snapshot: Snapshot,
    seen: SeenChange | undefined,
    kinds: readonly CountedKind[],
  ): Prediction {
    const { site } = this.#parts;
    const [first] = forecast.hits;
    const changes = changesBehind(first, site, snapshot, seen?.changes ?? []);
    const { fix } = this.#fixFor(forecast, snapshot);
    return predict(forecast, this.#circumstances(changes, seen, kinds, fix));
  }

  /** The edit that mends it under a configuration, if there is one. */
  #fixFor({ hits: [first] }: Forecast, snapshot: Snapshot): { readonly fix?: PredictedFix } {
    if (first.effect !== 'refused') return {};
    const fix = fixOf(check(...questionOf(this.#parts.site, snapshot, first.counted.kind)), first.cause);
    return fix ? { fix } : {};
  }

  #circumstances(
    changes: readonly ConfigurationChange[],
    seen: SeenChange | undefined,
    kinds: readonly CountedKind[],
    fix: PredictedFix | undefined,
  ): Circumstances {
    const now = this.#parts.now();
    const change = namedChange(changes, seen ?? { since: now, at: now });
    const back = seen && takeBack(seen.before, seen.after, new Set(changes.map(({ id }) => id)));
    return { id: randomUUID(), now, change, kinds, fix, takeBack: back };
  }

  async #show(): Promise<void> {
    const open = await this.#parts.predictions.list('open');
    this.#hasOpen = open.length > 0;
    this.#parts.events.onOpen(open);
  }

  #enqueue(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch((error: unknown) => {
      this.#parts.events.onError(error instanceof Error ? error : new Error(String(error)));
    });
  }
}

function fixOf({ fixes }: ReturnType<typeof check>, cause: string): PredictedFix | undefined {
  const fix = preferredFix(fixes.filter((one) => one.cause === cause));
  return fix && { action: fix.action, pastes: fix.pastes, ...(fix.proof && { proof: fix.proof }) };
}
