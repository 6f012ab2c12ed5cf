import type { FindCall } from './cli/explain.ts';
import { describeCall } from './explain/call.ts';
import { recentCalls, withEffects } from './explain/withEffects.ts';
import { sourceFrom } from './livekit/source.ts';
import { withStore } from './withStore.ts';

/** Looks a call up in the store that the environment names, beside a service that may be writing to it. */
export const findStoredCall: FindCall = (callSid) =>
  withStore(async (store, { livekit, site }) => {
    const record = await store.findCall(callSid);
    if (!record) return undefined;
    const call = describeCall(record.callId, record.events, record.attempts, record.liveKitEvents);
    // What else a fix changes is worth saying, but no reason to fail where LiveKit cannot be asked.
    const snapshot = await sourceFrom(livekit)?.().catch(() => undefined);
    return snapshot ? withEffects(call, site, snapshot, await recentCalls(store)) : call;
  });
