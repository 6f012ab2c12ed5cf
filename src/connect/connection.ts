import { stepsByHand } from './byHand.ts';
import { ConnectFault } from './connectFault.ts';
import { EnvFile } from './envFile.ts';
import { type Gathered, gather, type LiveKitTest } from './gather.ts';
import { setHook } from './jambonz/hookChange.ts';
import { JambonzApi, type NewHook } from './jambonz/jambonzApi.ts';
import { hookText, isWebSocketApplication } from './jambonz/statusHook.ts';
import { quote } from './masked.ts';
import { type Plan, planFor } from './plan.ts';
import { planJson, planText } from './planReport.ts';
import { isWanted, type Talk } from './talk.ts';
import type { HookChange, UndoFile } from './undoFile.ts';
import { type ServiceState, stateOf } from './waiting/runningService.ts';
import { hasVerified, type WatchResult, watchFirst } from './waiting/watchFirst.ts';

export interface ConnectionInput {
  readonly jambonzUrl: string;
  readonly jambonzKey: string;
  readonly account: string | undefined;
  readonly application: string | undefined;
  /** sipwhy as Jambonz reaches it. */
  readonly sipwhyUrl: string | undefined;
  /** sipwhy as this machine reaches it, if differently. */
  readonly server: string | undefined;
  readonly apiToken: string | undefined;
  readonly metricsToken: string | undefined;
  readonly basicAuth: string | undefined;
  readonly envFile: string | undefined;
  readonly mayReplace: boolean;
  readonly waitSeconds: number;
  readonly undoFile: UndoFile;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly testLiveKit: () => Promise<LiveKitTest>;
  readonly now: () => number;
}

export interface ConnectionResult {
  readonly json: object;
  /** Whether everything that was to be done is done. */
  readonly isFine: boolean;
}

/** LiveKit's settings that this process has. The service needs the same. */
const LIVEKIT_SETTINGS = ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'] as const;

/** Connects an application of Jambonz with sipwhy. Rejects with `ConnectFault` if it can't. */
export async function connect(input: ConnectionInput, talk: Talk): Promise<ConnectionResult> {
  const { envFile: envPath, sipwhyUrl, undoFile, env } = input;
  const api = new JambonzApi(input.jambonzUrl, input.jambonzKey);
  const envFile = envPath === undefined ? undefined : await EnvFile.read(envPath);
  const current = currentFrom(envFile, env);
  const gathered = await gather(api, input, input.testLiveKit);
  const service = serviceOf(input);
  const before: ServiceState | undefined = service && (await stateOf(service));
  const plan = planFor({
    gathered,
    sipwhyUrl,
    jambonzUrl: input.jambonzUrl,
    mayReplace: input.mayReplace,
    basicAuth: input.basicAuth,
    livekitSettings: livekitSettings(gathered.livekit, env),
    service: before,
    current,
    forwardUrl: current('CALL_STATUS_FORWARD_URL') ?? (env.CALL_STATUS_FORWARD_URL || undefined),
  });
  talk.say(planText(gathered, plan, envPath));
  const json = planJson(gathered, plan, envPath);
  if (plan.obstacle !== undefined) throw new ConnectFault(plan.obstacle);

  const isWritten = envFile !== undefined && (await writeSettings(envFile, envPath ?? '', plan, talk));
  const hook = await changeHook({ api, gathered, plan, undoFile, talk });
  const byHand = stepsByHand({
    urls: plan.urls,
    sipHost: current('LIVEKIT_SIP_HOST') ?? (env.LIVEKIT_SIP_HOST || undefined),
    envFile: envPath,
    hasWebhookSecret: gathered.webhookSecret !== undefined,
    isWebSocketApplication: isWebSocketApplication(gathered.application),
  });
  talk.say(`\nTo be set by hand:\n${byHand.map((step, i) => `  ${i + 1}. ${step}`).join('\n')}\n`);
  const watch = hook === 'declined' ? undefined : await watchHook(input, { api, gathered, plan, before, talk });
  return {
    json: {
      ...json,
      env_file_written: isWritten,
      hook,
      undo_file: hook === 'changed' ? undoFile.path : null,
      by_hand: byHand,
      first_webhook: watch?.first.result ?? 'not_awaited',
      problems: watch?.problems ?? [],
    },
    isFine: hook !== 'declined' && gathered.livekit.state !== 'failed' && (watch?.problems.length ?? 0) === 0,
  };
}

/** A variable in the file of settings, or without one in the environment. */
function currentFrom(envFile: EnvFile | undefined, env: ConnectionInput['env']) {
  // A secret that the service reads from a file of its own stays there.
  const isShared = (name: string) => name.endsWith('_FILE') || Boolean(env[`${name}_FILE`]);
  return (name: string) => (envFile?.value(name) ?? (!envFile || isShared(name) ? env[name] : undefined)) || undefined;
}

function serviceOf({ server, sipwhyUrl, apiToken, metricsToken }: ConnectionInput) {
  const url = server ?? sipwhyUrl;
  return url === undefined ? undefined : { url, apiToken, metricsToken };
}

function livekitSettings(livekit: LiveKitTest, env: ConnectionInput['env']): Record<string, string> {
  // A key that LiveKit refuses is nothing to pass on.
  const names = [...(livekit.state === 'accepted' ? LIVEKIT_SETTINGS : []), 'LIVEKIT_SIP_HOST'];
  return Object.fromEntries(names.flatMap((name) => (env[name]?.trim() ? [[name, env[name].trim()]] : [])));
}

async function writeSettings(envFile: EnvFile, path: string, { settings }: Plan, talk: Talk): Promise<boolean> {
  const changed = settings.filter(({ change }) => change !== 'same');
  if (changed.length === 0) return false;
  if (!(await isWanted(talk, `Write these settings to ${path}?`))) return false;
  await envFile.write(changed);
  talk.say(`${path} is written; only its owner can read it.\n`);
  return true;
}

interface Changing {
  readonly api: JambonzApi;
  readonly gathered: Gathered;
  readonly plan: Plan;
  readonly undoFile: UndoFile;
  readonly talk: Talk;
}

async function changeHook({
  api,
  gathered,
  plan,
  undoFile,
  talk,
}: Changing): Promise<'changed' | 'unchanged' | 'declined'> {
  const { application } = gathered;
  const { hook } = plan;
  if (!hook) return 'unchanged';
  if (!(await isWanted(talk, `Set the call_status_hook of "${quote(application.name, [])}" to ${hookText(hook)}?`))) {
    talk.say('The call_status_hook was not changed.\n');
    return 'declined';
  }
  await setWithUndo(api, undoFile, changeOf(api, gathered, hook), hook);
  talk.say(`The call_status_hook is set. sipwhy connect --undo puts the old one back (kept in ${undoFile.path}).\n`);
  return 'changed';
}

function changeOf(api: JambonzApi, { application }: Gathered, hook: NewHook): HookChange {
  const { call_status_hook: old } = application;
  return {
    api_url: api.base,
    application_sid: application.application_sid,
    application_name: application.name,
    before: old
      ? {
          ...(old.webhook_sid !== undefined && { webhook_sid: old.webhook_sid }),
          url: old.url,
          method: old.method?.toUpperCase() || 'POST',
          has_credentials: Boolean(old.username || old.password),
        }
      : null,
    after: hook.url,
  };
}

/** Keeps what undoes the change before it is made, so that a kill in between loses nothing. */
async function setWithUndo(api: JambonzApi, undoFile: UndoFile, change: HookChange, hook: NewHook): Promise<void> {
  const earlier = (await undoFile.changes()).find(
    (other) => other.api_url === change.api_url && other.application_sid === change.application_sid,
  );
  await undoFile.keep(change);
  try {
    await setHook(api, change.application_sid, hook);
  } catch (error) {
    const now = await api.application(change.application_sid).catch(() => undefined);
    // If nothing was changed, an undo still concerns the change before.
    if (now && now.call_status_hook?.url !== hook.url) await (earlier ? undoFile.keep(earlier) : undoFile.drop(change));
    throw error;
  }
}

async function watchHook(
  { waitSeconds, now, ...input }: ConnectionInput,
  parts: Omit<Changing, 'undoFile'> & { readonly before: ServiceState | undefined },
): Promise<WatchResult | undefined> {
  const { api, gathered, plan, before, talk } = parts;
  const service = serviceOf({ ...input, waitSeconds, now });
  if (waitSeconds === 0 || !plan.urls || !service || !before) return undefined;
  if (!plan.hook && hasVerified(before)) {
    talk.say('\nJambonz’s webhooks arrive, and are verified.\n');
    return { first: { result: 'verified' }, problems: [] };
  }
  talk.say(`\nPlace a call to the application now. Waiting up to ${waitSeconds} s for its first webhook.\n`);
  const result = await watchFirst({
    api,
    service,
    before,
    applicationSid: gathered.application.application_sid,
    accountSid: gathered.account.account_sid,
    wantedUrl: plan.urls.callStatus,
    healthUrl: plan.urls.health,
    seconds: waitSeconds,
    onSecond: (passed) => talk.onSecond(passed),
    now,
  });
  const text = result.problems.map((problem) => `  - ${problem}`).join('\n');
  talk.say(
    result.problems.length === 0
      ? 'Connected: a signed webhook arrived, and is verified.\n'
      : `Not connected:\n${text}\n`,
  );
  return result;
}
