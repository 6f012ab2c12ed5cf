import { setTimeout } from 'node:timers/promises';
import type { ServiceState } from './runningService.ts';

/** How long, in milliseconds, between two looks at the service. */
const LOOK_EVERY_MS = 1_000;

/** What became of the first webhook. */
export type FirstWebhook =
  /** It came, and its signature or its credentials are right. */
  | { readonly result: 'verified' }
  /** It came, and sipwhy checks neither. */
  | { readonly result: 'unverified' }
  /** It came, and was not accepted: `reason` is the result label of `sipwhy_webhooks_total`. */
  | { readonly result: 'refused'; readonly reason: string }
  | { readonly result: 'none' }
  | { readonly result: 'unauthorised' }
  | { readonly result: 'unreachable'; readonly fault: string };

/** Looks at the service until a verified webhook came, or the time is up. `before`: the state before the hook was set. */
export async function waitForFirst(options: {
  readonly look: () => Promise<ServiceState>;
  readonly before: ServiceState;
  /** When the wait began, in epoch milliseconds. */
  readonly since: number;
  readonly seconds: number;
  readonly onSecond: (passed: number) => void;
}): Promise<FirstWebhook> {
  const { look, since, seconds, onSecond } = options;
  const started = performance.now();
  let { before } = options;
  for (;;) {
    const now = await look();
    before = baseline(before, now, since);
    const first = firstOf(before, now);
    const passed = (performance.now() - started) / 1000;
    if (first.result === 'verified' || passed >= seconds) return first;
    onSecond(Math.floor(passed));
    await setTimeout(Math.min(LOOK_EVERY_MS, (seconds - passed) * 1000));
  }
}

/** With what to compare a state. A process that started meanwhile began to count at 0. */
function baseline(before: ServiceState, now: ServiceState, since: number): ServiceState {
  if (now.kind !== 'running' || !now.statuses) return before;
  const isSame = before.kind === 'running' && before.statuses && before.startedAt === now.startedAt;
  if (isSame) return before;
  const isNew = before.kind === 'running' && before.statuses ? true : (now.startedAt ?? 0) >= since;
  return isNew ? { ...now, statuses: new Map() } : now;
}

/** What came between two states of the service. */
export function firstOf(before: ServiceState, now: ServiceState): FirstWebhook {
  if (now.kind === 'unreachable') return { result: 'unreachable', fault: now.fault };
  if (now.kind === 'unauthorised') return { result: 'unauthorised' };
  const step = (id: string) => now.steps.find((one) => one.id === id);
  const isVerifying = step('jambonz_signature_valid');
  const { statuses } = now;
  if (!statuses) return firstBySteps(isVerifying?.done ?? false, isVerifying?.detail ?? '');
  const earlier = before.kind === 'running' ? before.statuses : undefined;
  const grown = [...statuses]
    .filter(([result, count]) => count > (earlier?.get(result) ?? 0))
    .map(([result]) => result);
  if (grown.includes('accepted') || grown.includes('repeated'))
    return { result: checksNothing(isVerifying?.detail ?? '') ? 'unverified' : 'verified' };
  const [reason] = grown;
  return reason === undefined ? { result: 'none' } : { result: 'refused', reason };
}

/** Without the counts, only what the setup says of all webhooks until now. */
function firstBySteps(isVerified: boolean, detail: string): FirstWebhook {
  if (isVerified) return { result: 'verified' };
  const reason = /refused: ([a-z_]+)/.exec(detail)?.[1];
  return reason === undefined ? { result: 'none' } : { result: 'refused', reason };
}

/** The detail of the step in a service without a secret (src/service/setup.ts). */
function checksNothing(detail: string): boolean {
  return detail.startsWith('Neither JAMBONZ_WEBHOOK_SECRET');
}
