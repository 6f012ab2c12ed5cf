import { Webhook } from 'standardwebhooks';
import type { NoticeFormat } from '../core/explain/incidentJson.ts';
import type { Environment } from './environment.ts';

const SLACK = new Set(['hooks.slack.com', 'hooks.slack-gov.com']);

/** Who is told of incidents. */
export interface IncidentWebhookSettings {
  readonly urls: readonly { readonly url: string; readonly format: NoticeFormat }[];
  readonly secrets: readonly string[];
}

export function incidentWebhooksFrom(env: Environment): IncidentWebhookSettings {
  const urls = list(env.INCIDENT_WEBHOOK_URL).map((url) => ({ url, format: formatOf(url, env) }));
  return { urls, secrets: list(env.INCIDENT_WEBHOOK_SECRET) };
}

/** What is wrong with these settings. A message never repeats a URL, which may hold a secret. */
export function incidentWebhookFaults(env: Environment): string[] {
  const urls = list(env.INCIDENT_WEBHOOK_URL);
  const secrets = list(env.INCIDENT_WEBHOOK_SECRET);
  if (urls.some((url) => !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)))
    return ['INCIDENT_WEBHOOK_URL must be http:// or https:// URLs, comma-separated'];
  const faults: string[] = [];
  if (secrets.length === 0 && urls.some((url) => formatOf(url, env) === 'standard')) {
    faults.push(
      'INCIDENT_WEBHOOK_SECRET must be set too: what is sent to INCIDENT_WEBHOOK_URL is signed with it, except to Slack',
    );
  }
  if (!secrets.every(isSecret)) {
    faults.push(
      'INCIDENT_WEBHOOK_SECRET must be base64, with or without whsec_ before it; openssl rand -base64 32 makes one',
    );
  }
  return faults;
}

/** Secrets shorter than 24 bytes are weak, as Standard Webhooks has it. */
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

function list(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
