import { buildDashboard } from '../dashboard.ts';
import { FORWARDS } from './forwards.ts';
import { LIVEKIT } from './livekitRow.ts';
import { PROCESS } from './processRow.ts';
import { STORE } from './storeRow.ts';
import { WEBHOOKS } from './webhooks.ts';
import { WELL } from './well.ts';

export const SIDECAR = buildDashboard({
  uid: 'sipwhy-sidecar',
  title: 'sipwhy: the sidecar itself',
  description:
    'Can what sipwhy says be trusted right now? Webhooks, store, forwards, LiveKit’s snapshot, probe, process.',
  rows: [WELL, WEBHOOKS, STORE, FORWARDS, LIVEKIT, PROCESS],
});
