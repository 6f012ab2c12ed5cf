import { ConnectFault } from '../connectFault.ts';
import type { HookChange } from '../undoFile.ts';
import type { JambonzHook } from './jambonzAnswers.ts';
import type { JambonzApi, NewHook } from './jambonzApi.ts';
import { hookText } from './statusHook.ts';

type Writing = Pick<JambonzApi, 'application' | 'setStatusHook' | 'makeHook' | 'pointStatusHook'>;

/**
 * Sets the application's call_status_hook, and reads it back. The hook before stays in Jambonz as it is, because other
 * applications may share it and an undo needs it. Never sends the call_hook, which Jambonz would write again.
 */
export async function setHook(api: Writing, applicationSid: string, hook: NewHook): Promise<void> {
  if (!(await api.setStatusHook(applicationSid, hook)))
    await api.pointStatusHook(applicationSid, await api.makeHook(hook));
  const { call_status_hook: now } = await api.application(applicationSid);
  if (isHook(now, hook)) return;
  throw new ConnectFault(
    `Jambonz accepted the hook but did not save it: the call_status_hook is ${hookText(now)}. Set it in the portal to ${hook.url} (POST)`,
  );
}

function isHook(now: JambonzHook | null | undefined, wanted: NewHook): boolean {
  return now?.url === wanted.url && (now.method ?? 'POST').toUpperCase() === wanted.method;
}

/** Puts back the hook that an application had before a change, and reads it back. */
export async function restoreHook(api: Writing, { application_sid: sid, before }: HookChange): Promise<void> {
  const isBack = async () => {
    const { call_status_hook: now } = await api.application(sid);
    return before === null || before.url === '' ? !now?.url : now?.url === before.url;
  };
  // The row in Jambonz is unchanged, with its password. Jambonz' swagger.yaml omits this field, so the result is checked.
  if (before === null || before.webhook_sid !== undefined)
    await api.pointStatusHook(sid, before?.webhook_sid ?? null).catch(ignoreFault);
  if (await isBack()) return;
  if (before !== null && before.method === 'POST' && !before.has_credentials) {
    await setHook(api, sid, { url: before.url, method: 'POST' });
    return;
  }
  const wanted =
    before === null ? 'nothing' : `${hookText(before)}${before.has_credentials ? ', with its credentials' : ''}`;
  throw new ConnectFault(
    `Jambonz did not put the hook back. Set the application’s call_status_hook in the portal to ${wanted}`,
  );
}

/** The reading back decides. */
function ignoreFault(error: unknown): void {
  if (!(error instanceof ConnectFault)) throw error;
}
