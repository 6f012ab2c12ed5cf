import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { Pagination } from '@livekit/protocol';
import { SipClient } from 'livekit-server-sdk';
import { readConfiguration } from '../core/trunks/configurationFile.ts';
import { type ReadSnapshot, readSnapshot } from '../core/trunks/readSnapshot.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';
import { readYaml } from '../core/trunks/yamlText.ts';

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

/** How long, in seconds, LiveKit may take for one answer. The SDK tries up to three regions of LiveKit Cloud in turn. */
const REQUEST_SECONDS = 8;
/** How long, in milliseconds, a reading may keep requesting pages. */
const READING_MS = 60_000;

/**
 * Reads all pages of trunks and rules through LiveKit's API. The passwords in them are dropped here. A reading rejects in
 * bounded time if LiveKit does not answer.
 */
export function apiSource(
  url: string,
  apiKey: string,
  apiSecret: string,
  requestSeconds = REQUEST_SECONDS,
): SnapshotSource {
  const client = new SipClient(url.replace(/^ws/, 'http'), apiKey, apiSecret, { requestTimeout: requestSeconds });
  return async () => {
    const deadline = performance.now() + READING_MS;
    const [trunks, rules] = await Promise.all([
      allPages(
        (page) => client.listSipInboundTrunk(page),
        (trunk) => trunk.sipTrunkId,
        deadline,
      ),
      allPages(
        (page) => client.listSipDispatchRule(page),
        (rule) => rule.sipDispatchRuleId,
        deadline,
      ),
    ]);
    return snapshotFrom(readSnapshot({ inbound_trunks: trunks, dispatch_rules: rules }));
  };
}

/** Reads the configuration from a file of JSON or YAML, in any form that `readConfiguration` knows. */
export function fileSource(path: string): SnapshotSource {
  return async () => {
    const json = parseFile(path, await readFile(path, 'utf8'));
    return snapshotFrom(readConfiguration(json));
  };
}

function parseFile(path: string, text: string): unknown {
  // JSON is also YAML, but slow to read as such, and a number of a JSON file is a number.
  if (!/^\s*[{[]/.test(text)) {
    const reading = readYaml(text);
    if (reading.ok) return reading.value;
    throw new Error(`${path}${reading.line === undefined ? '' : `:${reading.line}`}: ${reading.fault}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${path} is not JSON: ${(error as Error).message}`);
  }
}

interface Listed {
  toJson(options: { useProtoFieldName: boolean }): unknown;
}
type Page = { page?: Pagination };

/**
 * Requests pages until one has nothing new. A server without paging answers every request with everything, and a server
 * with paging may return fewer items than requested.
 */
async function allPages<T extends Listed>(
  list: (page: Page) => Promise<T[]>,
  idOf: (item: T) => string,
  deadline: number,
) {
  const items = new Map<string, T>();
  for (let page: Page = {}; ; ) {
    const fresh = (await list(page)).filter((item) => !items.has(idOf(item)));
    if (fresh.length === 0) return [...items.values()].map((item) => item.toJson({ useProtoFieldName: true }));
    if (performance.now() > deadline)
      throw new Error(`LiveKit took longer than ${READING_MS / 1000} s to list its trunks and dispatch rules`);
    for (const item of fresh) items.set(idOf(item), item);
    page = { page: new Pagination({ afterId: [...items.keys()].sort().at(-1) ?? '' }) };
  }
}

function snapshotFrom(reading: ReadSnapshot): Snapshot {
  if (!reading.ok)
    throw new Error(`LiveKit’s configuration has an unexpected form: ${reading.faults.slice(0, 3).join('; ')}`);
  return reading.snapshot;
}
