import { existsSync } from 'node:fs';
import { WrongUse } from './cli/exit.ts';
import type { FindCall } from './cli/explain.ts';
import { describeCall } from './explain/call.ts';
import { SqliteStore } from './journal/sqlite.ts';
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
    return record && describeCall(record.callId, record.events, record.attempts);
  } finally {
    await store.close();
  }
};
