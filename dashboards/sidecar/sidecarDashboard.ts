import { buildDashboard } from '../dashboard.ts';
import { FORWARDS } from './forwards.ts';
import { HEALTH } from './health.ts';
import { LIVEKIT } from './livekitRow.ts';
import { PROCESS } from './processRow.ts';
import { STORE } from './storeRow.ts';
import { WEBHOOKS } from './webhooks.ts';

export const SIDECAR = buildDashboard({
  uid: 'sipwhy-sidecar',
  title: 'sipwhy: the sidecar itself',
  description: 'Does sipwhy itself work? Webhooks, store, forwarding, LiveKit’s configuration, probe and process.',
  rows: [HEALTH, WEBHOOKS, STORE, FORWARDS, LIVEKIT, PROCESS],
});
