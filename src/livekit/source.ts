import type { Site } from '../core/diagnose/facts/site.ts';
import { readConfiguration } from '../core/trunks/configurationFile.ts';
import { hashLists } from '../core/trunks/judge/listedCaller.ts';
import { readSnapshot } from '../core/trunks/readSnapshot.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { InputFault } from '../files/inputFault.ts';
import { readJsonOrYamlFile } from '../files/jsonFile.ts';
import { inSlices } from '../loop/slices.ts';
import type { ReadingLimits } from './apiReading.ts';
import type { SipApi } from './sipApi.ts';
import type { SourceSettings } from './sourceSettings.ts';

/** Reads LiveKit's SIP configuration once. Rejects if it cannot be read or has an unexpected form. */
export type SnapshotSource = () => Promise<Snapshot>;

/** The source of LiveKit's configuration by the settings: a file or the API; `undefined` if neither is set. */
export function sourceFrom({ url, apiKey, apiSecret, configFile }: SourceSettings): SnapshotSource | undefined {
  if (configFile !== undefined) return fileSource(configFile);
  if (url === undefined || apiKey === undefined || apiSecret === undefined) return undefined;
  return apiSource(url, apiKey, apiSecret);
}

/** Builds the indexes of each snapshot before its first use, without blocking the event loop for long. */
export function withPreparedIndexes(
  source: SnapshotSource,
  { strictAddresses, hashKey }: Pick<Site, 'strictAddresses' | 'hashKey'>,
): SnapshotSource {
  return async () => {
    const snapshot = await source();
    await inSlices(snapshot.prepare(strictAddresses));
    if (hashKey !== undefined) await inSlices(hashLists(snapshot, hashKey));
    return snapshot;
  };
}

/**
 * Reads all trunks and rules through LiveKit's API. The passwords in them are dropped here. A reading rejects in bounded
 * time if LiveKit does not answer. The client is loaded at the first reading.
 */
export function apiSource(url: string, apiKey: string, apiSecret: string, limits?: ReadingLimits): SnapshotSource {
  let api: SipApi | undefined;
  return async () => {
    if (!api) {
      const { SipApi } = await import('./sipApi.ts');
      api ??= new SipApi(url, apiKey, apiSecret, limits);
    }
    const { trunks, rules } = await api.lists();
    const reading = readSnapshot({ inbound_trunks: trunks, dispatch_rules: rules });
    if (!reading.ok) throw new Error(faultOf(reading.faults));
    return reading.snapshot;
  };
}

/** Reads the configuration from a file of JSON or YAML, in any form that `readConfiguration` knows. */
export function fileSource(path: string): SnapshotSource {
  return async () => {
    const reading = readConfiguration(await readJsonOrYamlFile(path));
    if (!reading.ok) throw new InputFault(path, undefined, faultOf(reading.faults));
    return reading.snapshot;
  };
}

function faultOf(faults: readonly string[]): string {
  return `LiveKit’s configuration has an unexpected form: ${faults.slice(0, 3).join('; ')}`;
}
