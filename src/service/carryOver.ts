import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { CallEvent } from '../core/call/callEvent.ts';
import type { LiveKitEvent } from '../core/call/livekitEvent.ts';
import { parseJsonBytes } from '../core/receive/readJson.ts';
import { decodeWebhook, encodeWebhook, type Webhook } from '../core/receive/webhook.ts';
import { sealingIn } from '../forward/sealing.ts';
import { JournalWriter } from '../journal/journalWriter.ts';
import { openJournal, syncDirectory } from '../journal/segments.ts';
import { SetAside } from '../journal/setAside.ts';
import type { Settings } from '../settings/settings.ts';
import type { Database } from '../store/database.ts';
import { forwardTables, type SqliteKind } from '../store/schema.ts';
import { ForwardQueue, type OlderForward } from '../store/sqlite/forwardQueue.ts';
import { SqliteDatabase } from '../store/sqlite/sqliteDatabase.ts';
import { forwardsPath } from './statusForwarding.ts';

/** How many rows are read at once. A body has at most 256 KB, and the journal's writer accepts 64 MB at once. */
const PAGE = 100;

/** The file in which versions before the journal kept webhooks that PostgreSQL did not have yet. */
const SPOOL: SqliteKind = {
  name: 'a spool',
  table: 'spool',
  column: 'digest',
  migrations: [
    ({ key, integer, bytes, table }) => `
     CREATE TABLE spool (
       seq ${key},
       id TEXT NOT NULL UNIQUE,
       received_at ${integer} NOT NULL,
       digest TEXT NOT NULL,
       repeat_within_ms ${integer},
       call_id TEXT,
       call_sid TEXT,
       dial_call_sid TEXT,
       event TEXT NOT NULL,
       body ${bytes} NOT NULL,
       refused TEXT
     ) ${table};`,
    forwardTables,
  ],
};

/**
 * Moves what an older version left behind, and what the store refused, into the journal and the queue of statuses to forward. Call it before the
 * journal is opened. With SQLite the queue was in the store. With PostgreSQL it was in a spool, together with webhooks
 * that were not stored yet. A kill in between loses nothing: the store recognises a repeated webhook, and a status may be
 * forwarded twice. Rejects if a file cannot be read or written.
 */
export async function carryOver(
  { spoolFile }: Pick<Settings, 'spoolFile'>,
  directory: string,
  store: Database,
  logger: Logger,
): Promise<void> {
  await retrySetAside(directory, logger);
  if (!store.dialect.isShared) {
    const [waiting] = await store.all('SELECT 1 FROM forwards LIMIT 1');
    if (!waiting) return;
    // Creates the directory.
    openJournal(directory);
    const forwards = await moveForwards(store, directory);
    logger.info({ forwards }, 'moved call statuses that wait to be forwarded from the store to the journal directory');
    return;
  }
  if (spoolFile === undefined || !existsSync(spoolFile)) return;
  const spool = await SqliteDatabase.open(spoolFile, SPOOL);
  try {
    const webhooks = await copyWebhooks(spool, directory);
    const forwards = await moveForwards(spool, directory);
    logger.info(
      { webhooks, forwards },
      `moved the webhooks and call statuses of an older version from ${spoolFile} to the journal directory`,
    );
  } finally {
    await spool.close();
  }
  renameSync(spoolFile, `${spoolFile}.carried-over`);
  syncDirectory(dirname(spoolFile));
}

/** Appends the webhooks that the store refused to the journal again. Those that it refuses again are set aside again. */
async function retrySetAside(directory: string, logger: Logger): Promise<void> {
  const aside = new SetAside(directory);
  const payloads = aside.read();
  if (payloads.length === 0) return;
  const writer = new JournalWriter(directory, openJournal(directory), () => {});
  try {
    for (const payload of payloads) await writer.append(notForwarded(payload));
  } finally {
    await writer.close();
  }
  aside.clear();
  logger.info({ webhooks: payloads.length }, 'trying to store the webhooks again that the store refused before');
}

/** The record without what is forwarded: that was read from the journal when the webhook arrived. */
function notForwarded(payload: Buffer): Buffer {
  try {
    const { passOn: _, ...webhook } = decodeWebhook(payload);
    return encodeWebhook(webhook);
  } catch {
    return payload;
  }
}

/** Appends a spool's webhooks to the journal. Resolves to how many. Those that PostgreSQL refused are tried again. */
async function copyWebhooks(spool: Database, directory: string): Promise<number> {
  const writer = new JournalWriter(directory, openJournal(directory), () => {});
  let count = 0;
  let last = 0;
  try {
    for (;;) {
      const rows = await spool.all<SpooledRow>('SELECT * FROM spool WHERE seq > $1 ORDER BY seq LIMIT $2', [
        last,
        PAGE,
      ]);
      if (rows.length === 0) return count;
      const written = rows.map((row) => writer.append(encodeWebhook(webhookOf(row))));
      if (written.includes(undefined)) throw new Error('could not write the whole spool to the journal');
      await Promise.all(written);
      count += rows.length;
      last = rows.at(-1)?.seq ?? last;
    }
  } finally {
    await writer.close();
  }
}

/** Moves statuses to forward into the queue in the journal directory, a page at a time. Resolves to how many. */
async function moveForwards(older: Database, directory: string): Promise<number> {
  const queue = await ForwardQueue.open(forwardsPath(directory), sealingIn(directory));
  let count = 0;
  try {
    for (;;) {
      const rows = await older.all<OlderForward>(
        `SELECT f.*, COALESCE(c.due_at, f.received_at) AS due_at, COALESCE(c.failures, 0) AS failures
         FROM forwards AS f LEFT JOIN forward_calls AS c ON c.call_id = f.call_id ORDER BY f.seq LIMIT $1`,
        [PAGE],
      );
      const last = rows.at(-1);
      if (!last) break;
      await queue.carryOver(rows);
      await older.run('DELETE FROM forwards WHERE seq <= $1', [last.seq]);
      count += rows.length;
    }
    await older.run('DELETE FROM forward_calls');
    return count;
  } finally {
    await queue.close();
  }
}

interface SpooledRow {
  readonly seq: number;
  readonly id: string;
  readonly digest: string;
  readonly repeat_within_ms: number | null;
  readonly event: string;
  readonly body: Uint8Array;
}

function webhookOf({ id, digest, repeat_within_ms, event, body }: SpooledRow): Webhook {
  // The cast: the older version wrote it.
  const { kind, at, receivedAt, precise } = JSON.parse(event) as CallEvent | LiveKitEvent;
  return {
    id,
    source: kind === 'status' ? 'call_status' : kind === 'dial_result' ? 'dial_action' : 'livekit',
    form: isJson(body) ? 'json' : 'query',
    moment: { at, receivedAt, precise },
    digest,
    repeatWithinMs: repeat_within_ms ?? Number.POSITIVE_INFINITY,
    body,
  };
}

/** Whether a body is JSON. The body of a status that came by GET is the query of its URL. */
function isJson(body: Uint8Array): boolean {
  try {
    parseJsonBytes(body);
    return true;
  } catch {
    return false;
  }
}
