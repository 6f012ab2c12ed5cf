import { Command, InvalidArgumentError, Option } from 'commander';
import type { Checked } from '../../core/check/check.ts';
import {
  type CurrentFix,
  currentFix,
  failedAttempt,
  forAllCallers,
  questionAgain,
} from '../../core/check/currentFix.ts';
import { FIX_FORMATS, type FixFormat, fixToText, pasteIn } from '../../core/check/fixText.ts';
import type { IncidentJson } from '../../core/explain/incidentJson.ts';
import type { CallWithEffects } from '../../core/explain/withEffects.ts';
import type { AskApi } from '../../mcp/askApi.ts';
import { EXIT, WrongUse } from '../../settings/commandSettings.ts';
import {
  type ApplyOptions,
  type ApplyResult,
  addApplyOptions,
  type Consent,
  terminalConsent,
} from '../applyOptions.ts';
import { type Asking, serverOption } from '../ask.ts';
import { NotThere, printText } from '../input.ts';

export interface FixOptions extends ApplyOptions {
  /** How long to wait for the next call, in seconds. */
  readonly wait?: number;
}

interface Options extends FixOptions {
  readonly format?: FixFormat;
  readonly server?: string;
  /** commander sets it to true without an id. */
  readonly undo?: string | true;
}

/** The fix of a call or an incident, as the API gives it. */
export interface FoundFix {
  /** As it was asked for. */
  readonly id: string;
  readonly incident: IncidentJson | undefined;
  readonly current: CurrentFix;
  /** The same call as a question for the check; `undefined` if it had no target. */
  readonly question: ReturnType<typeof questionAgain>;
  /** What the call dialled. */
  readonly to: string | null;
  readonly ask: AskApi;
}

export type ApplyFix = (found: FoundFix, options: FixOptions, consent: Consent) => Promise<ApplyResult>;
export type UndoChange = (id: string | undefined, options: ApplyOptions, consent: Consent) => Promise<ApplyResult>;

export function fixCommand(asking: Asking, apply: ApplyFix, undo: UndoChange): Command {
  const command = new Command('fix')
    .description('apply the change that fixes a failed call or an incident, or print it')
    .argument('[id]', 'incident id, or call_sid of any leg of the call')
    .addOption(new Option('--format <format>', 'print the change in this form, and apply nothing').choices(FIX_FORMATS))
    .addOption(serverOption());
  return addApplyOptions(command)
    .option(
      '--wait <duration>',
      'how long to wait for the next call, such as 30s or 5m (default: 2m in a terminal, else 0)',
      durationFrom,
    )
    .option('--undo [id]', 'take an applied change back: the latest, or the one with this id')
    .option('--json', 'print JSON', false)
    .addHelpText('after', EXAMPLES)
    .action(async (id: string | undefined, { server, format, undo: undone, ...options }: Options) => {
      const consent = terminalConsent(options);
      if (undone !== undefined) {
        if (id !== undefined && undone !== true) throw new WrongUse('--undo takes the id of one applied change');
        const result = await undo(undone === true ? id : undone, options, consent);
        end(result, options.json ? result.json : undefined);
        return;
      }
      if (id === undefined) throw new WrongUse('give the id of an incident, the call_sid of a call, or --undo');
      await asking(server, async (ask) => {
        const found = await fixOf(ask, id);
        if (format !== undefined) printForm(found, format, options.json);
        else {
          const result = await apply(found, options, consent);
          end(result, options.json ? { ...shown(found), ...result.json } : undefined);
        }
      });
    });
}

function end({ isFine }: ApplyResult, json: object | undefined): void {
  if (json) process.stdout.write(`${JSON.stringify(json, undefined, 2)}\n`);
  if (!isFine) process.exitCode = EXIT.foundProblem;
}

function shown({ incident, current }: FoundFix, format?: FixFormat): object {
  const about = incident ? { id: incident.id, state: incident.state, closed_text: incident.closed_text } : null;
  return { incident: about, ...current, command: (current.fix && pasteIn(current.fix, format)) ?? null };
}

function printForm(found: FoundFix, format: FixFormat, isJson: boolean): void {
  const { current, incident } = found;
  const { fix, alternatives } = current;
  if (isJson) process.stdout.write(`${JSON.stringify(shown(found, format), undefined, 2)}\n`);
  else printText(fixToText(current, incident, format));
  if (!fix) process.exitCode = EXIT.foundProblem;
  else if (![fix, ...alternatives].some((one) => pasteIn(one, format)))
    throw new NotThere(`no fix has a form for --format ${format}; without it, the first that there is is printed`);
}

export async function fixOf(ask: AskApi, id: string): Promise<FoundFix> {
  // The casts: the API describes its answers so.
  const path = encodeURIComponent(id);
  const incident = (await ask(`/incidents/${path}`)) as IncidentJson | undefined;
  const callSid = incident?.last_call.call_sid;
  const call = (await ask(callSid === undefined ? `/calls/${path}` : `/calls/${encodeURIComponent(callSid)}`)) as
    | CallWithEffects
    | undefined;
  if (!call)
    throw new NotThere(
      incident ? GONE : `no incident has the id ${id}, and no webhook for such a call_sid was received`,
    );
  const attempt = failedAttempt(call, incident);
  if (!attempt) throw new NotThere(call.settled ? NOT_FAILED : 'the call is not over yet, so no fix is known');
  const question = questionAgain(attempt);
  const current = currentFix(attempt, question && (await checked(ask, question)));
  return { id, incident, current: forAllCallers(current, incident), question, to: attempt.to, ask };
}

const GONE = 'the incident’s last call is no longer stored, so its fix is not known';
const NOT_FAILED = 'no attempt of this call failed, so there is nothing to fix';

/** `undefined` where LiveKit's configuration is not known. */
async function checked(ask: AskApi, question: object): Promise<Checked | undefined> {
  try {
    const { answers } = (await ask('/check', {}, question)) as { answers: readonly Checked[] };
    return answers[0];
  } catch (error) {
    // The call was read before, so the service answers.
    if (error instanceof WrongUse) return undefined;
    throw error;
  }
}

const LONGEST_WAIT_SECONDS = 3_600;

function durationFrom(text: string): number {
  const [, number, unit = 's'] = /^(\d{1,5})(s|m|h)?$/.exec(text) ?? [];
  const seconds = Number(number) * ({ s: 1, m: 60, h: 3600 }[unit] ?? 1);
  if (seconds <= LONGEST_WAIT_SECONDS) return seconds;
  throw new InvalidArgumentError('It must be a duration such as 30s or 5m, at most 1h.');
}

const EXAMPLES = `
The fix is made again for LiveKit's configuration as it is now, where that is known. In a terminal it is shown as a
difference, and applied when you say so, with your own LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET. The service
never changes LiveKit. Deletions need --choose. A fix that can't be applied from here is printed.
Printed commands need the same variables; those of curl and Terraform also need openssl.
Exit status: 0 applied, or there is a fix; 1 there is none, nothing was applied, or the call is still blocked;
2 wrong use.

Examples:
  sipwhy fix 5f0c8f0e-8c4e-4d0e-9d51-2f6b1c0a7e11
  sipwhy fix 5f0c8f0e-8c4e-4d0e-9d51-2f6b1c0a7e11 --yes --why "new carrier number"
  sipwhy fix --undo
  sipwhy fix d2a4c7b1-0c1b-4b58-8f0d-5f5a1d2e0b02 --format curl --server https://sipwhy.example.com`;
