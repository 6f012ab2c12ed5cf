import type { Random } from '../../oracle/random.ts';
import type { Webhook } from '../generatedJambonz.ts';

// How webhooks arrive: a little late, at times past each other, at times twice, and without what a release does not send.

/** Keys that nobody is promised. */
const OPTIONAL = [
  'account_sid',
  'trace_id',
  'application_sid',
  'fs_sip_address',
  'fs_public_ip',
  'caller_id',
  'originating_sip_ip',
  'originating_sip_trunk_name',
  'duration',
];

/** The same webhooks, sent later. */
export function shifted(webhooks: readonly Webhook[], ms: number): Webhook[] {
  return webhooks.map((webhook) => ({
    ...webhook,
    at_ms: webhook.at_ms + ms,
    headers: signedLater(webhook, Math.floor((webhook.at_ms + ms) / 1000) - Math.floor(webhook.at_ms / 1000)),
  }));
}

function signedLater({ headers }: Webhook, seconds: number): Record<string, string> {
  const later = (signature: string) => signature.replace(/^t=(\d+)/, (_, t: string) => `t=${Number(t) + seconds}`);
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, later(value)]));
}

/** `isSigned`: Jambonz signs its webhooks. `isPrompt`: none is so late that another one overtakes it. */
export function arriving(
  random: Random,
  webhooks: readonly Webhook[],
  { isSigned, isPrompt }: { readonly isSigned: boolean; readonly isPrompt: boolean },
): Webhook[] {
  const missing = new Set(random.chance(0.3) ? OPTIONAL.filter(() => random.chance(0.5)) : []);
  const isHasty = !isPrompt && random.chance(0.25);
  const late = webhooks
    .map((webhook) => without(webhook, missing))
    .map((webhook) => ({ ...webhook, at_ms: webhook.at_ms + random.below(isHasty && random.chance(0.3) ? 300 : 15) }));
  const repeats = random.chance(0.2)
    ? late
        .filter(() => random.chance(0.3))
        .map((webhook) => {
          const isKnown = isSigned || webhook.path.startsWith('/livekit');
          return { ...webhook, at_ms: webhook.at_ms + random.below(isKnown ? 30_000 : 400) };
        })
    : [];
  return [...late, ...repeats].sort((a, b) => a.at_ms - b.at_ms);
}

function without(webhook: Webhook, missing: ReadonlySet<string>): Webhook {
  if (missing.size === 0 || webhook.path.startsWith('/livekit')) return webhook;
  const { body, path } = webhook;
  if (body !== undefined) {
    const keys: Record<string, unknown> = JSON.parse(body);
    return { ...webhook, body: JSON.stringify(keys, (key, value) => (missing.has(key) ? undefined : value)) };
  }
  const [hook = '', query = ''] = path.split('?');
  const keys = new URLSearchParams(query);
  for (const key of missing) keys.delete(key);
  return { ...webhook, path: `${hook}?${keys}` };
}
