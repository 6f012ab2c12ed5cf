import { randomUUID } from 'node:crypto';

/**
 * A random id (UUID version 7) that begins with a time in epoch milliseconds, so that an index of ids grows at its end:
 * webhooks of one time lie together in it, and are deleted together.
 */
export function webhookId(at: number): string {
  const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, '0').slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
