import { setImmediate } from 'node:timers/promises';
import { readSnapshot } from '../core/trunks/readSnapshot.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { InputFault } from '../files/inputFault.ts';
import { readJsonFile } from '../files/jsonFile.ts';
import { READING_LIMITS, SipApi } from './sipApi.ts';

/** Reads LiveKit's SIP configuration once. Rejects if it cannot be read or has an unexpected form. */
export type SnapshotSource = () => Promise<Snapshot>;

/** The source of LiveKit's configuration by the settings: a file or the API; `undefined` if neither is set. */
export function sourceFrom(settings: {
  readonly url: string | undefined;
  readonly apiKey: string | undefined;
  readonly apiSecret: string | undefined;
  readonly configFile: string | undefined;
}): SnapshotSource | undefined {
  const { url, apiKey, apiSecret, configFile } = settings;
  if (configFile !== undefined) return fileSource(configFile);
  if (url === undefined || apiKey === undefined || apiSecret === undefined) return undefined;
  return apiSource(url, apiKey, apiSecret);
}

/** How long, in milliseconds, indexes are built before other work gets its turn. */
const SLICE_MS = 10;

/** Builds the indexes of each snapshot before its first use, without blocking the event loop for long. */
export function withPreparedIndexes(source: SnapshotSource, strictAddresses: boolean): SnapshotSource {
  return async () => {
    const snapshot = await source();
    let started = performance.now();
    for (const _ of snapshot.prepare(strictAddresses)) {
      if (performance.now() - started < SLICE_MS) continue;
      await setImmediate();
      started = performance.now();
    }
    return snapshot;
  };
}

/**
 * Reads all trunks and rules through LiveKit's API. The passwords in them are dropped here. A reading rejects in bounded
 * time if LiveKit does not answer.
 */
export function apiSource(url: string, apiKey: string, apiSecret: string, limits = READING_LIMITS): SnapshotSource {
  const api = new SipApi(url, apiKey, apiSecret, limits);
  return async () => {
    const { trunks, rules } = await api.lists();
    return snapshotOf({ inbound_trunks: trunks, dispatch_rules: rules });
  };
}

/** Reads the configuration from a file: the lists, or the API's two answers, under `inbound_trunks` and `dispatch_rules`. */
export function fileSource(path: string): SnapshotSource {
  return async () => {
    const json = await readJsonFile(path);
    if (typeof json !== 'object' || json === null) throw new InputFault(path, undefined, 'must contain a JSON object');
    const [trunks, rules] = ['inbound_trunks', 'dispatch_rules'].map((key) => itemsOf(Reflect.get(json, key)));
    const reading = readSnapshot({ inbound_trunks: trunks, dispatch_rules: rules });
    if (!reading.ok) throw new InputFault(path, undefined, faultOf(reading.faults));
    return reading.snapshot;
  };
}

function itemsOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'items' in value ? value.items : value;
}

function snapshotOf(json: unknown): Snapshot {
  const reading = readSnapshot(json);
  if (!reading.ok) throw new Error(faultOf(reading.faults));
  return reading.snapshot;
}

function faultOf(faults: readonly string[]): string {
  return `LiveKit’s configuration has an unexpected form: ${faults.slice(0, 3).join('; ')}`;
}
