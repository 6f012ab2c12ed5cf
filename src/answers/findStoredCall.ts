import type { FindCall } from '../cli/explain.ts';
import { sourceFrom } from '../livekit/source.ts';
import { describeCallIn } from './callAnswers.ts';
import { withStore } from './withStore.ts';

/** Looks a call up in the store that the environment names, beside a service that may be writing to it. */
export const findStoredCall: FindCall = (callSid) =>
  withStore(async (store, { livekit, site }) => {
    // What else a fix changes is worth saying, but no reason to fail where LiveKit cannot be asked.
    const snapshot = await sourceFrom(livekit)?.().catch(() => undefined);
    return describeCallIn(store, site, callSid, { snapshotNow: () => snapshot });
  });
