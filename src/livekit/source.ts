import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { Pagination } from '@livekit/protocol';
import { ServerError, SipClient } from 'livekit-server-sdk';
import { readSnapshot } from '../core/trunks/readSnapshot.ts';
import type { Snapshot } from '../core/trunks/snapshot.ts';

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
    ]).catch((error: unknown) => {
      throw withoutAnswer(error);
    });
    return snapshotOf({ inbound_trunks: trunks, dispatch_rules: rules });
  };
}

/** The error without anything of LiveKit's answer, or of a proxy's before it: that may repeat a token or a password. */
function withoutAnswer(error: unknown): Error {
  if (error instanceof ServerError) {
    const code = /^[a-z_]{1,40}$/.test(error.code ?? '') ? ` (${error.code})` : '';
    return new Error(`LiveKit answered ${error.status}${code}`);
  }
  if (!(error instanceof Error) || error instanceof SyntaxError) return new Error('LiveKit’s answer is not JSON');
  if (error.cause instanceof Error && 'code' in error.cause)
    return new Error(`LiveKit can’t be reached (${error.cause.code})`);
  if (error.name === 'TimeoutError' || error.message.startsWith('LiveKit took')) return error;
  return new Error('LiveKit’s answer has an unexpected form');
}

/** Reads the configuration from a file: the lists, or the API's two answers, under `inbound_trunks` and `dispatch_rules`. */
export function fileSource(path: string): SnapshotSource {
  return async () => {
    const json = parseFile(path, await readFile(path, 'utf8'));
    if (typeof json !== 'object' || json === null) throw new Error(`${path} must contain a JSON object`);
    const [trunks, rules] = ['inbound_trunks', 'dispatch_rules'].map((key) => itemsOf(Reflect.get(json, key)));
    return snapshotOf({ inbound_trunks: trunks, dispatch_rules: rules });
  };
}

function parseFile(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message repeats part of the file, in which there are passwords.
    throw new Error(`${path} is not JSON`);
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

function itemsOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'items' in value ? value.items : value;
}

function snapshotOf(json: unknown): Snapshot {
  const reading = readSnapshot(json);
  if (!reading.ok)
    throw new Error(`LiveKit’s configuration has an unexpected form: ${reading.faults.slice(0, 3).join('; ')}`);
  return reading.snapshot;
}
