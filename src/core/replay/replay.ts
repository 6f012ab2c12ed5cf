import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { type CallEvent, callIdOf } from '../call/callEvent.ts';
import type { LiveKitEvent } from '../call/livekitEvent.ts';
import type { Site } from '../diagnose/facts/site.ts';
import { hostOf, siteFrom } from '../diagnose/facts/site.ts';
import { type AttemptRecord, recordOf } from '../diagnose/record.ts';
import { type Explanation, explain } from '../explain/explanation.ts';
import { type JambonzHook, type Reading, readBody, readQuery } from '../receive/jambonzWebhook.ts';
import { readLiveKit } from '../receive/livekitWebhook.ts';
import { momentOf, parseSignature } from '../receive/verifyJambonz.ts';
import { type Fingerprint, fingerprint, liveKitFingerprint } from '../receive/webhook.ts';
import { readConfiguration } from '../trunks/configurationFile.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { reportedTransfer } from './reportedTransfer.ts';
import { VirtualCalls } from './virtualCalls.ts';

const Texts = Type.Union([Type.String(), Type.Array(Type.String())]);

/** A recorded call. Other fields are ignored. */
const RecordedCase = Type.Object({
  id: Type.String(),
  invite: Type.Optional(Type.Object({ source_ip: Type.Optional(Type.String()) })),
  sbc_addresses: Type.Optional(Texts),
  livekit_url: Type.Optional(Type.String()),
  livekit_sip_host: Type.Optional(Texts),
  jambonz_livekit_carriers: Type.Optional(Texts),
  livekit: Type.Optional(Type.Union([Type.Null(), Type.Record(Type.String(), Type.Unknown())])),
  /** What LiveKit's API answered to the agent. */
  api: Type.Optional(Type.Unknown()),
  webhooks: Type.Array(
    Type.Object({
      method: Type.Optional(Type.String()),
      path: Type.String(),
      headers: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      body: Type.Optional(Type.String()),
      at_ms: Type.Number(),
    }),
  ),
});
export type RecordedCase = Static<typeof RecordedCase>;

const caseShape = Compile(RecordedCase);

/** Reads one recorded case. Throws with the field that is wrong. */
export function parseCase(json: unknown): RecordedCase {
  const given = withoutNulls(json);
  if (caseShape.Check(given)) return given;
  const [first] = caseShape.Errors(given);
  throw new Error(`not a recorded case: ${first?.instancePath || 'the line'} ${first?.message}`);
}

/** Removes null fields from the case, its `invite` and each webhook. */
function withoutNulls(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const given = Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
  if (given.invite !== undefined) given.invite = withoutNulls(given.invite);
  if (Array.isArray(given.webhooks)) given.webhooks = given.webhooks.map(withoutNulls);
  return given;
}

export interface Replayed {
  readonly id: string;
  /** The record of each attempt, with its explanation. */
  readonly records: readonly AttemptRecord[];
  readonly calls: readonly Explanation[];
  /** Webhooks that could not be read, and why. */
  readonly refused: readonly string[];
}

/** Where virtual time begins for a case without signatures, in epoch milliseconds. */
const EPOCH_MS = 1_700_000_000_000;

/**
 * Runs a recorded call through the real stages with virtual time, until every attempt is settled. Its webhooks arrive
 * at their `at_ms`; signatures are not checked. If LiveKit's API refused the agent a transfer, the agent reports it.
 */
export function replay(recorded: RecordedCase): Replayed {
  const snapshot = snapshotOf(recorded);
  const configuration = snapshot && { snapshot, ageSeconds: 0, isStale: false };
  const calls = new VirtualCalls(siteOf(recorded), () => configuration);
  const records = new Map<string, AttemptRecord>();
  const ended = new Set<string>();
  const settle = (now: number) => {
    for (const verdict of calls.settle(now)) {
      records.set(verdict.attempt.id, recordOf(verdict));
      if (verdict.isEnd) ended.add(verdict.attempt.id);
    }
  };
  const known = () => ({ judged: records.keys(), ended });
  const settleUntil = (limit: number) => {
    for (let due = calls.nextDeadline(); due !== undefined && due < limit; due = calls.nextDeadline()) settle(due);
  };

  const refused: string[] = [];
  const accepted: CallEvent[] = [];
  const accept = (event: CallEvent) => {
    const callId = callIdOf(event);
    const earlier = calls.has(callId) ? [] : accepted.filter((other) => callIdOf(other) === callId);
    if (earlier.length > 0) calls.restore(callId, earlier, known());
    calls.accept(event);
    accepted.push(event);
  };
  const acceptLiveKit = (event: LiveKitEvent) => {
    calls.acceptLiveKit(event);
    // A call that is over and evicted is restored, as from the store.
    const callIds = calls.callIdsInRoomOf(event);
    for (const callId of new Set(accepted.filter((other) => callIds.has(farEndOf(other) ?? '')).map(callIdOf))) {
      if (calls.has(callId)) continue;
      const earlier = accepted.filter((other) => callIdOf(other) === callId);
      calls.restore(callId, earlier, known());
      calls.reconsider(callId);
    }
  };
  const seen = new Map<string, number>();
  const isDatedBySignature = wereSignedWhenSent(recorded);
  const start = startOf(recorded);
  const report = reportedTransfer(recorded);
  const webhooks = [...recorded.webhooks, ...(report ? [report] : [])].sort((a, b) => a.at_ms - b.at_ms);
  for (const webhook of webhooks) {
    const now = start + webhook.at_ms;
    settleUntil(now);
    if (isLiveKits(webhook)) {
      const body = Buffer.from(webhook.body ?? '');
      const reading = readLiveKit(body, now, true);
      if (!reading.ok) refused.push(reading.fault);
      else if (!isRepeat(seen, liveKitFingerprint(reading.event.id, body, undefined), now))
        acceptLiveKit(reading.event);
      continue;
    }
    const hook = hookOf(webhook.path);
    if (!hook || isRepeat(seen, fingerprintOf(hook, webhook), now)) continue;
    const reading = read(hook, webhook, now, isDatedBySignature);
    if (reading.ok) accept(reading.event);
    else refused.push(reading.faults.map((fault) => fault.detail).join('; '));
  }
  settleUntil(Number.POSITIVE_INFINITY);
  const kept = [...records.values()];
  return { id: recorded.id, records: kept, calls: kept.map(explain), refused };
}

type RecordedWebhook = RecordedCase['webhooks'][number];

function read(hook: JambonzHook, webhook: RecordedWebhook, now: number, isDatedBySignature: boolean): Reading {
  const moment = momentOf(now, isDatedBySignature ? signatureOf(webhook) : undefined);
  if (isGet(webhook)) {
    return readQuery(hook, new URL(webhook.path, 'http://sipwhy').searchParams, moment);
  }
  return readBody(hook, Buffer.from(webhook.body ?? ''), moment);
}

/** If every signature has the same second, the recording was signed afterwards, and only times of arrival count. */
function wereSignedWhenSent({ webhooks }: RecordedCase): boolean {
  const seconds = webhooks.map((webhook) => parseSignature(signatureOf(webhook) ?? '')?.timeSeconds);
  return new Set(seconds).size > 1;
}

function fingerprintOf(hook: JambonzHook, webhook: RecordedWebhook): Fingerprint {
  const sent = isGet(webhook) ? webhook.path : (webhook.body ?? '');
  return fingerprint(hook, Buffer.from(sent), signatureOf(webhook));
}

function isGet({ method }: RecordedWebhook): boolean {
  return method?.toUpperCase() === 'GET';
}

function isRepeat(seen: Map<string, number>, { digest, repeatWithinMs }: Fingerprint, now: number): boolean {
  const before = seen.get(digest);
  if (before !== undefined && now - before <= repeatWithinMs) return true;
  seen.set(digest, now);
  return false;
}

function isLiveKits({ path }: RecordedWebhook): boolean {
  return path.split('?', 1)[0]?.endsWith('/livekit/webhook') ?? false;
}

function farEndOf(event: CallEvent): string | undefined {
  return (event.kind === 'dial_result' ? event.dialSbcCallId : undefined) ?? event.sbcCallId;
}

function hookOf(path: string): JambonzHook | undefined {
  const [pathname] = path.split('?', 1);
  if (pathname?.endsWith('/call-status')) return 'call_status';
  return pathname?.endsWith('/dial-action') ? 'dial_action' : undefined;
}

function signatureOf({ headers = {} }: RecordedWebhook): string | undefined {
  const header = Object.entries(headers).find(([name]) => name.toLowerCase() === 'jambonz-signature')?.[1];
  return typeof header === 'string' ? header : undefined;
}

/** When the call began, in epoch milliseconds: no webhook arrived before it was signed. */
function startOf({ webhooks }: RecordedCase): number {
  const starts = webhooks.flatMap((webhook) => {
    const seconds = parseSignature(signatureOf(webhook) ?? '')?.timeSeconds;
    return seconds === undefined ? [] : [seconds * 1000 - webhook.at_ms];
  });
  return starts.length > 0 ? Math.max(...starts) : EPOCH_MS;
}

const LISTS = [
  ['inbound_trunks', 'inboundTrunks'],
  ['dispatch_rules', 'dispatchRules'],
] as const;

function snapshotOf({ livekit }: RecordedCase): Snapshot | undefined {
  // The lists may have the names of the API or those of protobuf's JSON.
  const lists = LISTS.map(([ofApi, ofJson]) => (livekit && ofApi in livekit ? livekit[ofApi] : livekit?.[ofJson]));
  // With neither list, the configuration is unknown. With only one, the other was left out because it is empty.
  if (lists.every((one) => one === undefined)) return undefined;
  const [trunks, rules] = lists;
  const reading = readConfiguration({ inbound_trunks: trunks ?? [], dispatch_rules: rules ?? [] });
  if (!reading.ok) throw new Error(`livekit: ${reading.faults.join('; ')}`);
  return reading.snapshot;
}

function siteOf(recorded: RecordedCase): Site {
  const sourceIp = recorded.invite?.source_ip;
  return siteFrom({
    sipHosts: list(recorded.livekit_sip_host),
    livekitUrlHost: hostOf(recorded.livekit_url),
    sbcAddresses: list(recorded.sbc_addresses ?? sourceIp),
    carriers: list(recorded.jambonz_livekit_carriers),
  });
}

function list(value: string | string[] | undefined): string[] {
  return Array.isArray(value)
    ? value
    : (value ?? '')
        .split(',')
        .map((entry) => entry.trim())
        .filter(Boolean);
}
