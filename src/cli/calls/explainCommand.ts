import { Command, Option } from 'commander';
import { toText } from '../../core/explain/explanationText.ts';
import { maskJson } from '../../core/explain/mask.ts';
import { callMarkdown } from '../../core/explain/ticket/ticketMarkdown.ts';
import type { CallWithEffects } from '../../core/explain/withEffects.ts';
import { EXIT, WrongUse } from '../../settings/commandSettings.ts';
import { printText } from '../input.ts';

/** Finds a call in the store; `undefined` if no webhook for it was received. Rejects if there is no store. */
export type FindCall = (callSid: string) => Promise<CallWithEffects | undefined>;

export function explainCommand(findCall: FindCall): Command {
  return new Command('explain')
    .description('explain a call from the service’s store (DATABASE_URL)')
    .argument('<call_sid>', 'call_sid of any leg of the call')
    .option('--json', 'print JSON', false)
    .option('--markdown', 'print Markdown for a ticket', false)
    .addOption(
      new Option('--numbers <how>', 'show telephone numbers masked or plain in Markdown')
        .choices(['masked', 'plain'])
        .default('masked'),
    )
    .action(async (callSid: string, options: { json: boolean; markdown: boolean; numbers: 'masked' | 'plain' }) => {
      const call = await findCall(callSid);
      if (!call) throw new WrongUse(`no webhook for call_sid ${callSid} was received`);
      if (options.json) process.stdout.write(`${JSON.stringify(call, undefined, 2)}\n`);
      else if (options.markdown) printText(callMarkdown(options.numbers === 'plain' ? call : maskJson(call)));
      else if (!call.settled) process.stdout.write('The call is not over yet, so there is no explanation.\n');
      else printText(call.attempts.map(toText).join('\n'));
      if (call.attempts.some((attempt) => attempt.outcome === 'failed')) process.exitCode = EXIT.foundProblem;
    });
}
