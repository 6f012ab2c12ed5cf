import type { Hook, Queued, Sent } from './hookQueue.ts';

/** Sends webhooks to sipwhy. Never rejects. `timeoutMs` is the longest time that sipwhy may take to answer. */
export function hookSender(url: URL, timeoutMs: number): (queued: Queued) => Promise<Sent> {
  const urls: Record<Hook, URL> = {
    'call-status': new URL('jambonz/call-status', url),
    'dial-action': new URL('jambonz/dial-action', url),
  };
  return async ({ hook, body, headers }) => {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await fetch(urls[hook], { method: 'POST', body, headers, signal, redirect: 'manual' });
      // Read to its end, so that the connection can be used again. The answer itself is of no use here.
      await response.arrayBuffer().catch(() => undefined);
      if (response.ok) return { result: 'delivered' };
      const { status } = response;
      const isTemporary = status >= 500 || [408, 425, 429].includes(status);
      return { result: isTemporary ? 'failed' : 'rejected', detail: detailOf(status) };
    } catch (error) {
      return { result: 'failed', detail: `sipwhy could not be reached: ${reasonOf(error)}` };
    }
  };
}

function detailOf(status: number): string {
  const answered = `sipwhy answered ${status}`;
  if (status === 401) {
    return `${answered}: webhookSecret must be its JAMBONZ_WEBHOOK_SECRET, or basicAuth its JAMBONZ_BASIC_AUTH`;
  }
  if (status === 404 || (status >= 300 && status < 400)) return `${answered}: url must be the address of sipwhy itself`;
  return answered;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  // A host with several addresses gives an error without a message.
  return cause.message || ('code' in cause ? String(cause.code) : error.message);
}
