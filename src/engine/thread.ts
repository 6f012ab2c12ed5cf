import { constants, setPriority } from 'node:os';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { createLogger } from '../logger.ts';
import { surviveErrors } from '../loop/surviveErrors.ts';
import { watchClock } from '../service/watchClock.ts';
import { trustAuthorities } from '../settings/authorities.ts';
import { Store } from '../store/store.ts';
import { createEngine, type EngineMetrics } from './engine.ts';
import type { MetricCall, SentError, ThreadData, ToDoor, ToEngine } from './messages.ts';

// The engine's thread. The door posts requests, and the engine posts the answers. They share only types and messages.

if (isMainThread || !parentPort) throw new Error('this file must run as a worker thread');
const port = parentPort;
const post = (message: ToDoor) => port.postMessage(message);
// The door comes first: on a busy machine the engine falls behind, not the answers to webhooks.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
// The cast: the door passes this as `workerData`.
const { settings, journal, instance } = workerData as ThreadData;

trustAuthorities(settings.authorities);
const logger = createLogger(settings.log);
const metrics = sentMetrics((calls) => post({ kind: 'metrics', calls }));
const store = await Store.open(settings.databaseUrl);
const engine = createEngine({
  settings,
  logger,
  metrics,
  reportState: (changed) => post({ kind: 'state', changed }),
  clock: watchClock(logger),
  instance,
  journal,
  store,
});

// Only from here on: an engine that can't start must end its thread.
surviveErrors(logger, () => metrics.errors.internal('engine'));
port.on('message', (message: ToEngine) => {
  if (message.kind === 'synced') void engine.synced(message.end);
  else void answer(message);
});

async function answer({ id, method, parameters }: Extract<ToEngine, { kind: 'ask' }>): Promise<void> {
  try {
    // The cast: the door's calls are typed as the engine's methods are.
    const work = engine[method] as (...given: readonly unknown[]) => Promise<unknown>;
    const value = await work(...parameters);
    if (method === 'close') await store.close();
    post({ kind: 'answer', id, value });
    // An open port would keep the thread, and so the process, alive.
    if (method === 'close') port.close();
  } catch (error) {
    post({ kind: 'failure', id, error: sent(error) });
  }
}

/** Metrics that gather calls and send them to the door once per turn of the event loop. */
function sentMetrics(send: (calls: readonly MetricCall[]) => void): EngineMetrics {
  let calls: MetricCall[] = [];
  const note = (area: string, method: string, parameters: readonly unknown[]) => {
    if (calls.length === 0) {
      setImmediate(() => {
        send(calls);
        calls = [];
      });
    }
    calls.push([area, method, parameters]);
  };
  const areas = new Map<string, object>();
  const areaOf = (area: string) => {
    const known = areas.get(area) ?? methods((method, parameters) => note(area, method, parameters));
    areas.set(area, known);
    return known;
  };
  // The cast: each area has methods alone, which return nothing.
  return new Proxy({}, { get: (_, area) => areaOf(String(area)) }) as EngineMetrics;
}

function methods(note: (method: string, parameters: readonly unknown[]) => void): object {
  return new Proxy(
    {},
    {
      get:
        (_, method) =>
        (...parameters: unknown[]) =>
          note(String(method), parameters),
    },
  );
}

function sent(error: unknown): SentError {
  const { message, name, stack } = error instanceof Error ? error : new Error(String(error));
  const statusCode = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined;
  return { message, name, stack, statusCode };
}
