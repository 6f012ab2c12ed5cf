import { Webhook } from 'standardwebhooks';
import type { NoticeFormat } from '../core/explain/incidentJson.ts';
import { type Environment, list } from './environment.ts';

const SLACK = new Set(['hooks.slack.com', 'hooks.slack-gov.com']);

/** Where notifications of incidents go. */
export interface IncidentWebhookSettings {
  readonly urls: readonly { readonly url: string; readonly format: NoticeFormat }[];
  readonly secrets: readonly string[];
}

export function incidentWebhooksFrom(env: Environment): IncidentWebhookSettings {
  const urls = list(env.INCIDENT_WEBHOOK_URL).map((url) => ({ url, format: formatOf(url, env) }));
  return { urls, secrets: list(env.INCIDENT_WEBHOOK_SECRET) };
}

/** Faults of these settings. They never repeat a URL, which may contain a secret. */
export function incidentWebhookFaults(env: Environment): string[] {
  const urls = list(env.INCIDENT_WEBHOOK_URL);
  const secrets = list(env.INCIDENT_WEBHOOK_SECRET);
  if (urls.some((url) => !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)))
    return ['INCIDENT_WEBHOOK_URL must be http:// or https:// URLs, comma-separated'];
  const faults: string[] = [];
  if (secrets.length === 0 && urls.some((url) => formatOf(url, env) === 'standard')) {
    faults.push('INCIDENT_WEBHOOK_SECRET must be set too: it signs requests to INCIDENT_WEBHOOK_URL, except to Slack');
  }
  if (!secrets.every(isSecret)) {
    faults.push(
      'INCIDENT_WEBHOOK_SECRET must be base64, with or without the prefix whsec_; create one with openssl rand -base64 32',
    );
  }
  return faults;
}

/** Standard Webhooks asks for at least 24 bytes. */
export function hasWeakIncidentSecret(env: Environment): boolean {
  return list(env.INCIDENT_WEBHOOK_SECRET).some(
    (secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64').length < 24,
  );
}

function formatOf(url: string, env: Environment): NoticeFormat {
  return env.INCIDENT_WEBHOOK_FORMAT ?? (SLACK.has(new URL(url).hostname) ? 'slack' : 'standard');
}

function isSecret(secret: string): boolean {
  try {
    return Boolean(new Webhook(secret));
  } catch {
    return false;
  }
}
