import { createHmac } from 'node:crypto';
import type { Pool } from 'undici';
import { PATH } from '../load/requestLane.ts';

/** Sends a webhook as Jambonz does, signed now. Rejects if it isn't acknowledged. */
export async function signedPost(pool: Pool, secret: string, body: string, path = PATH): Promise<void> {
  const time = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'jambonz-signature': `t=${time},v1=${digest}` };
  const answer = await pool.request({ path, method: 'POST', headers, body });
  await answer.body.dump();
  if (answer.statusCode >= 300) throw new Error(`a webhook was answered ${answer.statusCode}`);
}
