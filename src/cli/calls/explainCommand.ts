import { Command, Option } from 'commander';
import { toText } from '../../core/explain/explanationText.ts';
import { maskJson } from '../../core/explain/mask.ts';
import { callMarkdown } from '../../core/explain/ticket/ticketMarkdown.ts';
import type { CallWithEffects } from '../../core/explain/withEffects.ts';
import { EXIT } from '../../settings/commandSettings.ts';
import { type Asking, serverOption } from '../ask.ts';
import { NotThere, printText } from '../input.ts';

export function explainCommand(asking: Asking): Command {
  return new Command('explain')
    .description('explain a call, from the service’s store (DATABASE_URL) or a running service')
    .argument('<call_sid>', 'call_sid of any leg of the call')
    .addOption(serverOption())
    .option('--json', 'print JSON', false)
    .option('--markdown', 'print Markdown for a ticket', false)
    .addOption(
      new Option('--numbers <how>', 'show telephone numbers masked or plain in Markdown')
        .choices(['masked', 'plain'])
        .default('masked'),
    )
    .addHelpText('after', EXAMPLES)
    .action(async (callSid: string, { server, json, markdown, numbers }: Options) => {
      const path = `/calls/${encodeURIComponent(callSid)}`;
      // The cast: the API describes its answers so.
      const call = (await asking(server, (ask) => ask(path))) as CallWithEffects | undefined;
      if (!call) throw new NotThere(`no webhook for call_sid ${callSid} was received`);
      if (json) process.stdout.write(`${JSON.stringify(call, undefined, 2)}\n`);
      else if (markdown) printText(callMarkdown(numbers === 'plain' ? call : maskJson(call)));
      else if (!call.settled) process.stdout.write('The call is not over yet, so there is no explanation.\n');
      else printText(call.attempts.map(toText).join('\n'));
      if (call.attempts.some(({ outcome }) => outcome === 'failed' || outcome === 'dropped'))
        process.exitCode = EXIT.foundProblem;
    });
}

interface Options {
  readonly server?: string;
  readonly json: boolean;
  readonly markdown: boolean;
  readonly numbers: 'masked' | 'plain';
}

const EXAMPLES = `
Exit status: 0 no attempt failed, 1 one failed or the call isn’t there, 2 wrong use.

Examples:
  sipwhy explain d2a4c7b1-0c1b-4b58-8f0d-5f5a1d2e0b02
  sipwhy explain d2a4c7b1-0c1b-4b58-8f0d-5f5a1d2e0b02 --markdown --server http://127.0.0.1:8080`;
