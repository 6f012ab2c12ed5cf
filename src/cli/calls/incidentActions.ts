import { userInfo } from 'node:os';
import { type Command, Option } from 'commander';
import { WrongUse } from '../../settings/commandSettings.ts';

/** The options of `sipwhy incidents ID` that do something about the incident. */
export interface ActionOptions {
  readonly acknowledge?: true;
  readonly unacknowledge?: true;
  readonly note?: string;
  readonly mute?: string;
  readonly unmute?: true;
  readonly resolve?: true;
  readonly putAway?: string;
  readonly by?: string;
}

/** A request of the API: the end of its path, and its body. */
interface ActionRequest {
  readonly verb: string;
  readonly body: object;
}

export function addActionOptions(command: Command): Command {
  return command
    .option('--acknowledge', 'show others that somebody takes care of the incident')
    .option('--unacknowledge', 'take that back')
    .option('--note <text>', 'add a note to it')
    .option('--mute <until>', 'no notifications of it for so long, such as 2h, or until a time with its zone')
    .option('--unmute', 'notifications of it again')
    .option('--resolve', 'close it by hand')
    .option('--put-away <call_sid>', 'take a test call out of it, for good')
    .addOption(new Option('--by <name>', 'who does it; your user name by default'));
}

/** The request that the options stand for; `undefined` without such an option. Throws WrongUse for two of them. */
export function actionOf(options: ActionOptions): ActionRequest | undefined {
  const { acknowledge, unacknowledge, note, mute, unmute, resolve, putAway } = options;
  const by = options.by ?? userName();
  const who = by === undefined ? {} : { by };
  const requests: ActionRequest[] = [
    ...(acknowledge ? [{ verb: 'acknowledge', body: who }] : []),
    ...(unacknowledge ? [{ verb: 'acknowledge', body: { ...who, acknowledged: false } }] : []),
    ...(note !== undefined ? [{ verb: 'note', body: { ...who, text: note } }] : []),
    ...(mute !== undefined ? [{ verb: 'mute', body: { ...who, until: untilOf(mute) } }] : []),
    ...(unmute ? [{ verb: 'mute', body: { ...who, until: null } }] : []),
    ...(resolve ? [{ verb: 'resolve', body: who }] : []),
    ...(putAway !== undefined ? [{ verb: 'put-away', body: { ...who, call_sid: putAway } }] : []),
  ];
  if (requests.length > 1)
    throw new WrongUse('give one of --acknowledge, --unacknowledge, --note, --mute, --unmute, --resolve, --put-away');
  if (requests.length === 0 && options.by !== undefined)
    throw new WrongUse('--by goes with what is done, such as --resolve');
  return requests[0];
}

/** The API's form of a time to come, which has a plus sign. */
function untilOf(text: string): string {
  return /^\d+[a-z]$/.test(text) ? `+${text}` : text;
}

/** Absent where the user id has no name, as in some containers. */
function userName(): string | undefined {
  try {
    return userInfo().username || undefined;
  } catch {
    return undefined;
  }
}
