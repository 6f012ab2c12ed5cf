import { ConnectFault } from './connectFault.ts';
import type { ConnectionInput, ConnectionResult } from './connection.ts';
import { restoreHook } from './jambonz/hookChange.ts';
import { JambonzApi } from './jambonz/jambonzApi.ts';
import { hookText } from './jambonz/statusHook.ts';
import { maskUrl, quote } from './masked.ts';
import { isWanted, type Talk } from './talk.ts';
import type { HookChange } from './undoFile.ts';

type UndoInput = Pick<ConnectionInput, 'jambonzUrl' | 'jambonzKey' | 'application' | 'undoFile'>;

/** Puts back the hook that an application had before the last change. Settings of sipwhy stay as they are. */
export async function undo(input: UndoInput, talk: Talk): Promise<ConnectionResult> {
  const { undoFile } = input;
  const api = new JambonzApi(input.jambonzUrl, input.jambonzKey);
  const change = await lastChange(input, api.base);
  const { application_sid: sid, application_name: name, before, after } = change;
  const { call_status_hook: now } = await api.application(sid);
  const nowText = hookText(now);
  const beforeText = hookText(before);
  const json = { application: { sid, name }, call_status_hook: { before: nowText, wanted: beforeText } };
  if (now?.url !== after) {
    throw new ConnectFault(
      `nothing was changed: the call_status_hook is ${nowText}, not the one that sipwhy set, ${maskUrl(after)}; set it in Jambonz’s portal`,
    );
  }
  talk.say(
    `Jambonz: application "${quote(name, [])}" (${sid})\n- call_status_hook: ${nowText}\n+ call_status_hook: ${beforeText}\n`,
  );
  if (!(await isWanted(talk, 'Put the old hook back?'))) {
    talk.say('The call_status_hook was not changed.\n');
    return { json: { ...json, hook: 'declined' }, isFine: false };
  }
  await restoreHook(api, change);
  await undoFile.drop(change);
  talk.say(
    'The old hook is back. Calls that began before keep sipwhy’s. Remove CALL_STATUS_FORWARD_URL from sipwhy’s settings once they have ended.\n',
  );
  return { json: { ...json, hook: 'changed' }, isFine: true };
}

async function lastChange({ undoFile, application }: UndoInput, apiUrl: string): Promise<HookChange> {
  const changes = (await undoFile.changes()).filter(
    (change) => change.api_url === apiUrl && (application === undefined || change.application_sid === application),
  );
  const [first, ...others] = changes;
  if (!first)
    throw new ConnectFault(
      `there is nothing to undo: ${undoFile.path} has no change of this application at ${maskUrl(apiUrl)}`,
    );
  if (others.length === 0) return first;
  const lines = changes.map(
    ({ application_sid, application_name: name }) => `  ${application_sid}  ${quote(name, [])}`,
  );
  throw new ConnectFault(`several applications were connected; choose one with --application:\n${lines.join('\n')}`);
}
