import { Command, InvalidArgumentError } from 'commander';
import { EXIT } from '../settings/commandSettings.ts';
import { isConfirmed } from './applyOptions.ts';
import { printText } from './input.ts';

export interface ConnectOptions {
  readonly jambonzUrl?: string;
  readonly account?: string;
  readonly application?: string;
  readonly sipwhyUrl?: string;
  readonly server?: string;
  readonly writeEnv?: string;
  readonly replace: boolean;
  readonly undo: boolean;
  readonly yes: boolean;
  readonly wait: number;
  readonly json: boolean;
}

interface Conversation {
  say(text: string): void;
  ask(question: string): Promise<'yes' | 'no' | 'nobody'>;
  onSecond(passed: number): void;
}

/** Connects, or undoes it. Rejects with `WrongUse` if it can't. */
type Connect = (
  options: ConnectOptions,
  talk: Conversation,
) => Promise<{ readonly json: object; readonly isFine: boolean }>;

const HELP = `
Shows what Jambonz, LiveKit and the settings say, and what it would change, and asks before it changes anything.
Without a terminal and without --yes it changes nothing, and exits with 2.

It changes the application's call_status_hook and, with --write-env, that file. If the application has a hook already,
sipwhy forwards the statuses to it (CALL_STATUS_FORWARD_URL). Secrets are printed masked.

What undoes the last change is kept beside the store: <DATABASE_URL>.connect (PostgreSQL: <SPOOL_FILE>.connect).
Only its owner can read it, and it has no password. --undo needs that file, and leaves the settings as they are.

Environment: JAMBONZ_API_URL, JAMBONZ_API_KEY; LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET to test LiveKit's key;
API_TOKEN to ask the running sipwhy. Each secret also as <variable>_FILE.

Examples:
  sipwhy connect                                             show, change nothing
  sipwhy connect --sipwhy-url https://sipwhy.example.com --write-env sipwhy.env
  sipwhy connect --sipwhy-url https://sipwhy.example.com --application <sid> --yes --wait 0
  sipwhy connect --undo

Exit status: 0 connected, or nothing to do; 1 LiveKit refuses the key, no verified webhook came, or you answered no;
2 wrong use, or Jambonz's API can't be used.`;

export function connectCommand(connect: Connect): Command {
  return (
    new Command('connect')
      .description('connect a Jambonz application with sipwhy, test LiveKit’s key, and wait for the first webhook')
      .option('--jambonz-url <url>', 'base of Jambonz’s REST API (default: JAMBONZ_API_URL)', urlFrom)
      .option('--account <sid>', 'account, if the API key sees several', sidFrom)
      .option('--application <sid>', 'application, if the account has several', sidFrom)
      .option('--sipwhy-url <url>', 'base URL under which Jambonz and LiveKit reach sipwhy', urlFrom)
      .option('--server <url>', 'base URL under which this machine reaches sipwhy (default: --sipwhy-url)', urlFrom)
      // Node takes --env-file for itself, also after the name of the program.
      .option('--write-env <file>', 'write sipwhy’s settings to this file, readable by its owner only')
      .option('--replace', 'replace a hook also if sipwhy can’t forward to it, so that its owner gets nothing', false)
      .option('--undo', 'put back the hook that was there before the last connect', false)
      .option('--yes', 'change without a question', false)
      .option('--wait <seconds>', 'how long to wait for the first webhook, 0 to 3600', secondsFrom, 60)
      .option('--json', 'print JSON at the end; questions go to standard error', false)
      .addHelpText('after', HELP)
      .action(async (options: ConnectOptions) => {
        const talk = new Terminal(options);
        const { json, isFine } = await connect(options, talk).finally(() => talk.endProgress());
        if (options.json) process.stdout.write(`${JSON.stringify(json, undefined, 2)}\n`);
        if (!isFine) process.exitCode = EXIT.foundProblem;
      })
  );
}

/** Speaks on standard output, or with --json only on standard error. */
class Terminal implements Conversation {
  readonly #options: ConnectOptions;
  #isProgressShown = false;

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  say(text: string): void {
    this.endProgress();
    if (!this.#options.json) printText(text);
  }

  async ask(question: string): Promise<'yes' | 'no' | 'nobody'> {
    if (this.#options.yes) return 'yes';
    if (!process.stdin.isTTY) return 'nobody';
    return (await isConfirmed(question)) ? 'yes' : 'no';
  }

  onSecond(passed: number): void {
    if (!process.stderr.isTTY || this.#options.json) return;
    process.stderr.write(`\rwaiting: ${passed} s of ${this.#options.wait} s `);
    this.#isProgressShown = true;
  }

  endProgress(): void {
    if (this.#isProgressShown) process.stderr.write('\n');
    this.#isProgressShown = false;
  }
}

function sidFrom(text: string): string {
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)) return text;
  throw new InvalidArgumentError('It must be a sid, such as 3a5f1c2e-8d4b-4f6a-9c7e-1b2d3f4a5c6d.');
}

function secondsFrom(text: string): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && seconds <= 3600) return seconds;
  throw new InvalidArgumentError('It must be 0 to 3600.');
}

function urlFrom(text: string): string {
  if (/^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/i.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError('It must be an http:// or https:// URL without credentials or query.');
}
