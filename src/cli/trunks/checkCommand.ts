import { Command } from 'commander';
import { type Checked, check, checkToText } from '../../core/check/check.ts';
import { readDial } from '../../core/check/dialVerb.ts';
import { tooLong } from '../../core/check/questionLimits.ts';
import type { Question } from '../../core/diagnose/question.ts';
import { type WhatIfJson, whatIfText } from '../../core/explain/whatIfJson.ts';
import { readChange } from '../../core/predict/readChange.ts';
import { parseAddress } from '../../core/trunks/address.ts';
import type { Snapshot } from '../../core/trunks/snapshot.ts';
import { InputFault } from '../../files/inputFault.ts';
import { readJsonFile, readJsonOrYamlFile } from '../../files/jsonFile.ts';
import { EXIT, WrongUse } from '../../settings/commandSettings.ts';
import { type Asking, serverOption } from '../ask.ts';
import { printText, type ReadConfiguration } from '../input.ts';

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
  readonly with?: string;
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
    .option(
      '--with <file>',
      'a changed configuration: without a call, what it would do to all recent calls; with one, check it against that',
    )
    .addOption(serverOption().conflicts('config'))
    .option('--json', 'print JSON', false)
    .addHelpText('after', EXAMPLES)
    .action(async (to: string | undefined, options: Options) => {
      if (options.with !== undefined && to === undefined && options.dial === undefined)
        return whatIf(options.with, options);
      const answers = await answersTo(to, options);
      process.stdout.write(
        options.json ? `${JSON.stringify(answers, undefined, 2)}\n` : answers.map(checkToText).join('\n'),
      );
      if (answers.some((answer) => answer.would_connect === false)) process.exitCode = EXIT.foundProblem;
    });

  /** What a changed configuration would do to the calls of the last days, which the store has. */
  async function whatIf(file: string, { server, json, config }: Options): Promise<void> {
    if (config !== undefined)
      throw new WrongUse('--with for all recent calls compares with the configuration in force: leave out --config');
    const changed = await readJsonOrYamlFile(file);
    if (typeof changed !== 'object' || changed === null) throw new InputFault(file, undefined, 'it must be an object');
    const answer = (await asking(server, (ask) => ask('/check/configuration', {}, changed))) as WhatIfJson;
    if (json) process.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
    else printText(whatIfText(answer));
    if (!answer.is_harmless) process.exitCode = EXIT.foundProblem;
  }

  async function answersTo(to: string | undefined, options: Options): Promise<readonly Checked[]> {
    const { config, server } = options;
    const asked = await askedFor(to, options);
    if (server !== undefined && options.with !== undefined)
      throw new WrongUse('--with checks one call only against a configuration that is read here: leave out --server');
    if (server === undefined) {
      const { snapshot: current, site } = await read(config);
      const questions = 'question' in asked ? [asked.question] : dialledIn(asked, options, site.carriers);
      const snapshot = options.with === undefined ? current : await changedBy(options.with, current);
      return questions.map((question) => check(site, snapshot, question));
    }
    const { caller, source } = options;
    const body = 'question' in asked ? bodyOf(asked.question) : { dial: asked.dial, caller, source };
    // The cast: the API's answer is made by the same function.
    return asking(server, async (ask) => ((await ask('/check', {}, body)) as { answers: Checked[] }).answers);
  }
}

/** The configuration in force with the changes of a file. */
async function changedBy(file: string, current: Snapshot): Promise<Snapshot> {
  const reading = readChange(await readJsonOrYamlFile(file), current);
  if (!reading.ok) throw new InputFault(file, undefined, reading.fault);
  return reading.snapshot;
}

const EXAMPLES = `
Exit status: 0 it would connect or that isn’t known, 1 it would not, 2 wrong use. With --with alone: 0 nothing changes
for recent calls, 1 some would fail or land elsewhere, or others get in.

Examples:
  sipwhy check --dial dial.json --caller +4915112345678
  sipwhy check sip:4991874350352@example.sip.livekit.cloud --auth-user livekit_client --source 192.0.2.10
  sipwhy check +4991874350352 --server http://127.0.0.1:8080
  sipwhy check --with changed.json --server http://127.0.0.1:8080`;

/** A question as the API takes it. */
function bodyOf({ to, caller, source, auth, srtp }: Question): object {
  return { to, caller, source, auth_username: auth?.sent === false ? false : auth?.username, srtp };
}

type Asked = { readonly question: Question } | Dialled;

interface Dialled {
  readonly file: string;
  /** What the file holds. */
  readonly dial: unknown;
}

async function askedFor(to: string | undefined, options: Options): Promise<Asked> {
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
    return { question };
  }
  const file = dial ?? '';
  return { file, dial: await readJsonFile(file) };
}

function dialledIn({ file, dial }: Dialled, { caller, source }: Options, carriers: readonly string[]) {
  const reading = readDial(dial, caller, source, carriers);
  if (!reading.ok) throw new InputFault(file, undefined, reading.fault);
  return reading.questions;
}
