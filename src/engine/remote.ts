import { Worker } from 'node:worker_threads';
import type { JournalPosition } from '../core/receive/webhook.ts';
import { Pace } from '../loop/pace.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ReportState } from '../service/engineState.ts';
import type { Engine } from './engine.ts';
import type { Method, SentError, ThreadData, ToDoor, ToEngine } from './messages.ts';

/** Has this file's own extension: `.ts` in src, `.js` in dist. */
const THREAD = new URL(`./thread${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);

/** More is no faster: measured with npm run bench -- --part ingestion. V8's default is several times as much. */
const YOUNG_MB = 12;
/**
 * How often, in milliseconds, the engine is told of webhooks on disk: while many arrive, it stores those of such a time
 * together, for half of what storing each group costs.
 */
const TELL_EVERY_MS = 100;

interface DoorHandlers {
  readonly metrics: Metrics;
  readonly reportState: ReportState;
  /** The thread ended although nobody closed it. */
  onEnd(error: Error): void;
}

/**
 * Starts a thread that loads the engine. What is asked of it meanwhile waits, and is rejected if the thread cannot start.
 */
export function startEngineThread(data: ThreadData, { metrics, reportState, onEnd }: DoorHandlers): Engine {
  const worker = new Worker(THREAD, { workerData: data, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
  const asked = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  const post = (message: ToEngine) => worker.postMessage(message);
  let isClosing = false;
  let ended: Error | undefined;
  let count = 0;

  worker.on('message', (message: ToDoor) => {
    switch (message.kind) {
      case 'state':
        return reportState(message.changed);
      case 'metrics':
        for (const call of message.calls) record(metrics, call);
        return;
      case 'answer':
        asked.get(message.id)?.resolve(message.value);
        return void asked.delete(message.id);
      case 'failure':
        asked.get(message.id)?.reject(received(message.error));
        return void asked.delete(message.id);
    }
  });
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of asked.values()) reject(error);
    asked.clear();
    if (!isClosing) onEnd(error);
    isClosing = true;
  };
  worker.on('error', end);
  worker.on('exit', (code) => end(new Error(`the engine thread exited with code ${code}`)));

  let synced: JournalPosition = data.journal.end;
  const telling = new Pace(TELL_EVERY_MS, () => post({ kind: 'synced', end: synced }));
  const ask = (method: Method, parameters: readonly unknown[]) => {
    // The answer to a client has all that was acknowledged before it asked.
    telling.flush();
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    if (ended) reject(ended);
    count += 1;
    asked.set(count, { resolve, reject });
    post({ kind: 'ask', id: count, method, parameters });
    return promise;
  };
  const own: Pick<Engine, 'synced' | 'close'> = {
    async synced(position) {
      synced = position;
      telling.ask();
    },
    async close() {
      isClosing = true;
      await ask('close', []);
    },
  };
  // The cast: the thread answers with what the engine's method returns.
  return new Proxy(own, {
    get: (target, name) =>
      Reflect.get(target, name) ??
      // Without this, awaiting the engine would call its `then`.
      (name === 'then' ? undefined : (...parameters: unknown[]) => ask(String(name) as Method, parameters)),
  }) as Engine;
}

function record(metrics: Metrics, [area, method, parameters]: readonly [string, string, readonly unknown[]]): void {
  // The cast: the engine's calls are typed as the metrics' methods are.
  const counted = Reflect.get(metrics, area) as Record<string, (...given: readonly unknown[]) => void>;
  counted[method]?.(...parameters);
}

function received({ message, name, stack, statusCode }: SentError): Error {
  const error = new Error(message);
  return Object.assign(error, { name, ...(stack && { stack }), ...(statusCode !== undefined && { statusCode }) });
}
