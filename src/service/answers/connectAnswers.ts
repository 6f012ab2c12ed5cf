import type { ConnectOptions } from '../../cli/connectCommand.ts';
import { ConnectFault } from '../../connect/connectFault.ts';
import { type ConnectionResult, connect } from '../../connect/connection.ts';
import type { LiveKitTest } from '../../connect/gather.ts';
import type { Talk } from '../../connect/talk.ts';
import { UndoFile } from '../../connect/undoFile.ts';
import { undo } from '../../connect/undoing.ts';
import { apiSource } from '../../livekit/source.ts';
import { commandSettings, WrongUse } from '../../settings/commandSettings.ts';
import type { Settings } from '../../settings/settings.ts';

/** Connects a Jambonz application with sipwhy, or undoes it, with the settings of the environment. */
export async function connectJambonz(options: ConnectOptions, talk: Talk): Promise<ConnectionResult> {
  const settings = commandSettings();
  const { url, key } = settings.jambonzApi;
  const jambonzUrl = options.jambonzUrl ?? url;
  if (jambonzUrl === undefined)
    throw new WrongUse('set JAMBONZ_API_URL, or give --jambonz-url; jambonz.cloud’s is https://api.jambonz.cloud/v1');
  if (key === undefined)
    throw new WrongUse('set JAMBONZ_API_KEY, or JAMBONZ_API_KEY_FILE; API keys are made in Jambonz’s portal');
  const input = {
    jambonzUrl,
    jambonzKey: key,
    account: options.account,
    application: options.application,
    sipwhyUrl: options.sipwhyUrl,
    server: options.server,
    apiToken: settings.access.apiToken,
    metricsToken: settings.access.metricsToken,
    basicAuth: settings.trust.basicAuth,
    envFile: options.writeEnv,
    mayReplace: options.replace,
    waitSeconds: options.wait,
    undoFile: new UndoFile(settings.connectFile),
    env: withSecretFiles(settings),
    testLiveKit: () => testLiveKit(settings.livekit),
    now: () => Date.now(),
  };
  try {
    return await (options.undo ? undo(input, talk) : connect(input, talk));
  } catch (error) {
    throw error instanceof ConnectFault ? new WrongUse(error.message) : error;
  }
}

/** Lists the trunks and dispatch rules with LiveKit's key. A file of the configuration tests no key. */
async function testLiveKit({ url, apiKey, apiSecret }: Settings['livekit']): Promise<LiveKitTest> {
  if (url === undefined || apiKey === undefined || apiSecret === undefined) return { state: 'unset' };
  try {
    const { trunks, rules } = await apiSource(url, apiKey, apiSecret)();
    return {
      state: 'accepted',
      trunks: trunks.map(({ sip_trunk_id: id, name, numbers }) => ({ id, name, numbers })),
      rules: rules.length,
    };
  } catch (error) {
    return { state: 'failed', fault: (error as Error).message };
  }
}

/** The environment, with what the files of its secrets hold. */
function withSecretFiles({ trust, forward }: Settings): Readonly<Record<string, string | undefined>> {
  return {
    ...process.env,
    JAMBONZ_WEBHOOK_SECRET: trust.secrets.join(','),
    CALL_STATUS_FORWARD_URL: forward.callStatus?.url,
  };
}
