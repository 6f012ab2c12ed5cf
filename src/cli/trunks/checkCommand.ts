import { Command } from 'commander';
import { type Checked, check, checkToText } from '../../core/check/check.ts';
import { readDial } from '../../core/check/dialVerb.ts';
import { tooLong } from '../../core/check/questionLimits.ts';
import type { Question } from '../../core/diagnose/question.ts';
import { parseAddress } from '../../core/trunks/address.ts';
import { InputFault } from '../../files/inputFault.ts';
import { readJsonFile } from '../../files/jsonFile.ts';
import { EXIT, WrongUse } from '../../settings/commandSettings.ts';
import { type Asking, serverOption } from '../ask.ts';
import type { ReadConfiguration } from '../input.ts';

interface Options {
  readonly caller?: string;
  readonly source?: string;
  readonly authUser?: string;
  /** commander sets it to false for --no-auth. */
  readonly auth: boolean;
  /** commander sets it to false for --no-srtp. */
  readonly srtp?: boolean;
  readonly dial?: string;
  readonly config?: string;
  readonly server?: string;
  readonly json: boolean;
}

export function checkCommand(read: ReadConfiguration, asking: Asking): Command {
  return new Command('check')
    .description(
      'check whether a call would connect, given a number, a SIP URI, a Jambonz dial verb or the body of createCall',
    )
    .argument('[to]', 'called number or SIP URI')
    .option('--caller <number>', 'caller number as LiveKit sees it')
    .option('--source <address>', 'source address of the INVITE (default: JAMBONZ_SBC_ADDRESSES)')
    .option('--auth-user <name>', 'the INVITE has credentials with this username')
    .option('--no-auth', 'the INVITE has no credentials')
    .option('--srtp', 'the INVITE offers SRTP')
    .option('--no-srtp', 'the INVITE offers no SRTP')
    .option(
      '--dial <file>',
      'JSON file with a dial verb, an application’s verbs or the body of createCall; - for standard input',
    )
    .option('--config <file>', 'read trunks and rules from this file instead of LiveKit')
    .addOption(serverOption().conflicts('config'))
    .option('--json', 'print JSON', false)
    .addHelpText('after', EXAMPLES)
    .action(async (to: string | undefined, options: Options) => {
      const answers = await answersTo(to, options);
      process.stdout.write(
        options.json ? `${JSON.stringify(answers, undefined, 2)}\n` : answers.map(checkToText).join('\n'),
      );
      if (answers.some((answer) => answer.would_connect === false)) process.exitCode = EXIT.foundProblem;
    });

  async function answersTo(to: string | undefined, options: Options): Promise<readonly Checked[]> {
    const { config, server } = options;
    const questions = await questionsOf(to, options);
    if (server === undefined) {
      const { snapshot, site } = await read(config);
      return questions.map((question) => check(site, snapshot, question));
    }
    return asking(server, async (ask) => {
      // The casts: the API's answer is made by the same function.
      const answers = await Promise.all(questions.map((question) => ask('/check', {}, bodyOf(question))));
      return (answers as { answers: Checked[] }[]).flatMap((one) => one.answers);
    });
  }
}

const EXAMPLES = `
Exit status: 0 it would connect or that isn’t known, 1 it would not, 2 wrong use.

Examples:
  sipwhy check --dial dial.json --caller +4915112345678
  sipwhy check sip:4991874350352@example.sip.livekit.cloud --auth-user livekit_client --source 192.0.2.10
  sipwhy check +4991874350352 --server http://127.0.0.1:8080`;

/** A question as the API takes it. */
function bodyOf({ to, caller, source, auth, srtp }: Question): object {
  return { to, caller, source, auth_username: auth?.sent === false ? false : auth?.username, srtp };
}

async function questionsOf(to: string | undefined, options: Options): Promise<readonly Question[]> {
  const { caller, source, authUser, auth, srtp, dial } = options;
  if ((to === undefined) === (dial === undefined))
    throw new WrongUse('give either a number or SIP URI, or --dial <file>');
  if (source !== undefined && !parseAddress(source))
    throw new WrongUse(`--source must be an IP address, got ${JSON.stringify(source)}`);
  if (to !== undefined) {
    const declared = authUser !== undefined ? { sent: true as const, username: authUser } : undefined;
    const question: Question = { to, caller, source, auth: auth ? declared : { sent: false }, srtp };
    const fault = tooLong(question);
    if (fault !== undefined) throw new WrongUse(fault);
    return [question];
  }
  const file = dial ?? '';
  const reading = readDial(await readJsonFile(file), caller, source);
  if (!reading.ok) throw new InputFault(file, undefined, reading.fault);
  return reading.questions;
}
