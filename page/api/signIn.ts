import { ask, type Problem, request } from './client.ts';
import { canSignOut, isSignedOut, session } from './session.ts';

/**
 * Signs in with API_TOKEN. The answer has a cookie that no script can read, so the token is kept nowhere. Resolves to
 * why it failed.
 */
export async function signIn(token: string): Promise<Problem | undefined> {
  const answer = await request('session', { method: 'POST', body: { token } });
  if (!answer.ok) return answer.problem;
  isSignedOut.value = false;
  session.value = {};
  return undefined;
}

/** Ends the session, and forgets all that is shown. */
export async function signOut(): Promise<void> {
  await request('session', { method: 'DELETE' });
  location.reload();
}

/** Asks whether there is a session that can be ended. */
export async function readSession(): Promise<void> {
  const answer = await ask<{ signed_in: boolean }>('session');
  canSignOut.value = answer.ok && answer.data.signed_in;
}
