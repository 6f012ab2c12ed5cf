import { createHmac } from 'node:crypto';

/** How sipwhy recognises a webhook of an application. */
export interface HookCredentials {
  /** Webhook secrets, any of which sipwhy may know; empty if nothing is signed. */
  readonly secrets: readonly string[];
  /** `user:password`; `undefined` if none is sent. */
  readonly basicAuth: string | undefined;
}

/** The headers of a webhook whose event happened at a time in epoch milliseconds. A retry must repeat them unchanged. */
export function hookHeaders(body: string, { secrets, basicAuth }: HookCredentials, at: number): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (basicAuth !== undefined) headers.authorization = `Basic ${Buffer.from(basicAuth).toString('base64')}`;
  if (secrets.length > 0) {
    const t = Math.floor(at / 1000);
    const digests = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`);
    headers['jambonz-signature'] = [`t=${t}`, ...digests].join(',');
  }
  return headers;
}
