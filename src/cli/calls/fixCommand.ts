import { Command, Option } from 'commander';
import type { Checked } from '../../core/check/check.ts';
import { currentFix, failedAttempt, forAllCallers, questionAgain } from '../../core/check/currentFix.ts';
import { FIX_FORMATS, type FixFormat, fixToText, pasteIn } from '../../core/check/fixText.ts';
import type { IncidentJson } from '../../core/explain/incidentJson.ts';
import type { CallWithEffects } from '../../core/explain/withEffects.ts';
import type { AskApi } from '../../mcp/askApi.ts';
import { EXIT, WrongUse } from '../../settings/commandSettings.ts';
import { type Asking, serverOption } from '../ask.ts';
import { NotThere, printText } from '../input.ts';

interface Options {
  readonly format?: FixFormat;
  readonly server?: string;
  readonly json: boolean;
}

export function fixCommand(asking: Asking): Command {
  return new Command('fix')
    .description('print the change that fixes a failed call or an incident, as a command that runs as it is')
    .argument('<id>', 'incident id, or call_sid of any leg of the call')
    .addOption(
      new Option('--format <format>', 'print this form; without it, the first that there is').choices(FIX_FORMATS),
    )
    .addOption(serverOption())
    .option('--json', 'print JSON', false)
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, { server, format, json }: Options) => {
      const { incident, current } = await asking(server, (ask) => fixOf(ask, id));
      const { fix, alternatives } = current;
      const command = (fix && pasteIn(fix, format)) ?? null;
      if (json) {
        const shown = incident ? { id: incident.id, state: incident.state, closed_text: incident.closed_text } : null;
        process.stdout.write(`${JSON.stringify({ incident: shown, ...current, command }, undefined, 2)}\n`);
      } else printText(fixToText(current, incident, format));
      if (!fix) process.exitCode = EXIT.foundProblem;
      else if (format !== undefined && ![fix, ...alternatives].some((one) => pasteIn(one, format)))
        throw new NotThere(`no fix has a form for --format ${format}; without it, the first that there is is printed`);
    });
}

async function fixOf(ask: AskApi, id: string) {
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
  return { incident, current: forAllCallers(current, incident) };
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

const EXAMPLES = `
The fix is made again for LiveKit's configuration as it is now, where that is known.
Commands need LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET; those of curl also need openssl.
--format json prints what to paste into the application, or the change itself.
Exit status: 0 there is a fix, 1 there is none or the id isn’t there, 2 wrong use.

Examples:
  sipwhy fix 5f0c8f0e-8c4e-4d0e-9d51-2f6b1c0a7e11
  sipwhy fix d2a4c7b1-0c1b-4b58-8f0d-5f5a1d2e0b02 --format curl --server https://sipwhy.example.com`;
