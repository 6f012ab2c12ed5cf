import { ask } from '../boundedRequest.ts';
import { ConnectFault } from '../connectFault.ts';
import type { JambonzApi } from '../jambonz/jambonzApi.ts';
import { quote } from '../masked.ts';
import { type FirstWebhook, firstOf, waitForFirst } from './firstWebhook.ts';
import { type ServiceAccess, type ServiceState, stateOf } from './runningService.ts';
import { type SeenByJambonz, whyNothing } from './whyNothing.ts';

interface Watched {
  readonly api: JambonzApi;
  readonly service: ServiceAccess;
  /** The state of the service before the hook was set. */
  readonly before: ServiceState;
  readonly applicationSid: string;
  readonly accountSid: string;
  readonly wantedUrl: string;
  readonly healthUrl: string;
  readonly seconds: number;
  readonly onSecond: (passed: number) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface WatchResult {
  readonly first: FirstWebhook;
  /** What is wrong; empty if a verified webhook came. */
  readonly problems: readonly string[];
}

/** Whether the service has verified webhooks before, so that there is nothing to wait for. */
export function hasVerified(state: ServiceState): boolean {
  return state.kind === 'running' && firstOf(state, { ...state, statuses: undefined }).result === 'verified';
}

/** Waits for the first verified webhook, and finds out why none came. */
export async function watchFirst(watched: Watched): Promise<WatchResult> {
  const { api, service, before, seconds, onSecond, healthUrl, applicationSid, accountSid, wantedUrl, now } = watched;
  const since = now();
  const first = await waitForFirst({ look: () => stateOf(service), before, since, seconds, onSecond });
  const isNothing = first.result === 'none';
  const [seen, healthFault] = isNothing
    ? await Promise.all([seenByJambonz(api, watched, since), healthFaultOf(healthUrl)])
    : [undefined, undefined];
  const facts = { first, seen, healthFault, wantedUrl, serviceUrl: service.url, accountSid, applicationSid };
  return { first, problems: whyNothing(facts) };
}

const HEALTH_LIMITS = { answerMs: 5_000, bytes: 64 * 1024 };

async function healthFaultOf(url: string): Promise<string | undefined> {
  const health = await ask({ url, method: 'GET', token: undefined }, HEALTH_LIMITS);
  if (!health.ok) return `${url} can’t be asked: ${health.fault}`;
  const { status, text } = health.answer;
  // A proxy may let nothing through but the hooks. Then only its refusal is known.
  if (status === 401 || status === 403 || status === 404 || status === 421) return undefined;
  return status === 200 && text.includes('"ok"') ? undefined : `${url} answered ${status}`;
}

/** Alerts and calls may have a time of another clock. */
const CLOCK_DIFFERENCE_MS = 10_000;
const MOST_ALERTS = 3;

async function seenByJambonz(api: JambonzApi, watched: Watched, since: number): Promise<SeenByJambonz> {
  const { applicationSid, accountSid, wantedUrl } = watched;
  const address = wantedUrl.replace(/#.*$/, '');
  const isSince = (time: string | number) => new Date(time).getTime() >= since - CLOCK_DIFFERENCE_MS;
  const [application, alerts, recent, calls] = await Promise.all([
    orUnknown(api.application(applicationSid)),
    orUnknown(api.alerts(accountSid)),
    orUnknown(api.recentCalls(accountSid)),
    orUnknown(api.calls(accountSid)),
  ]);
  const about = alerts?.filter(({ time, message }) => isSince(time) && message.includes(address));
  return {
    hookUrl: application && (application.call_status_hook?.url ?? ''),
    alerts: about && [...new Set(about.map(({ message }) => quote(message, [])))].slice(0, MOST_ALERTS),
    endedCalls: recent?.filter(({ attempted_at }) => isSince(attempted_at)).length,
    openCalls: calls?.filter(({ application_sid }) => application_sid === applicationSid).length,
  };
}

/** Older releases, and keys with few rights, lack some of these. */
async function orUnknown<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ConnectFault) return undefined;
    throw error;
  }
}
