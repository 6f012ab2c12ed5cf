import type { JournalPosition } from '../core/receive/webhook.ts';
import type { OpenedJournal } from '../journal/segments.ts';
import type { EngineState } from '../service/engineState.ts';
import type { Settings } from '../settings/settings.ts';
import type { Engine } from './engine.ts';

/** What the door starts the engine's thread with. */
export interface ThreadData {
  readonly settings: Settings;
  readonly journal: OpenedJournal & { readonly directory: string };
  readonly instance: string;
}

export type Method = Exclude<keyof Engine, 'synced'>;

export type ToEngine =
  | { readonly kind: 'synced'; readonly end: JournalPosition }
  | { readonly kind: 'ask'; readonly id: number; readonly method: Method; readonly parameters: readonly unknown[] };

/** One call of a method of the metrics: `metrics[area][method](...parameters)`. */
export type MetricCall = readonly [area: string, method: string, parameters: readonly unknown[]];

/** An error between threads. A structured clone would lose the class and `statusCode`. */
export interface SentError {
  readonly message: string;
  readonly name: string;
  readonly stack: string | undefined;
  readonly statusCode: number | undefined;
}

export type ToDoor =
  | { readonly kind: 'state'; readonly changed: Partial<EngineState> }
  | { readonly kind: 'metrics'; readonly calls: readonly MetricCall[] }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: SentError };
