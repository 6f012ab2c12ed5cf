import { existsSync } from 'node:fs';
import { WrongUse } from './cli/exit.ts';
import type { FindCall } from './cli/explain.ts';
import { describeCall } from './explain/call.ts';
import { recentCalls, withEffects } from './explain/withEffects.ts';
import { SqliteStore } from './journal/sqlite.ts';
import { sourceFrom } from './livekit/source.ts';
import { readSettings } from './settings.ts';

/** Looks a call up in the store that the environment names, beside a service that may be writing to it. */
export const findStoredCall: FindCall = async (callSid) => {
  const reading = readSettings(process.env);
  if (!reading.ok) throw new WrongUse(`the configuration has faults:\n  ${reading.faults.join('\n  ')}`);
  const { databaseUrl } = reading.settings;
  if (!existsSync(databaseUrl))
    throw new WrongUse(`there is no store at ${databaseUrl}; set DATABASE_URL to the service’s`);
  const store = new SqliteStore(databaseUrl);
  try {
    const record = await store.findCall(callSid);
    if (!record) return undefined;
    const call = describeCall(record.callId, record.events, record.attempts);
    // What else a fix changes is worth saying, but no reason to fail where LiveKit cannot be asked.
    const snapshot = await sourceFrom(reading.settings.livekit)?.().catch(() => undefined);
    return snapshot ? withEffects(call, reading.settings.site, snapshot, await recentCalls(store)) : call;
  } finally {
    await store.close();
  }
};
