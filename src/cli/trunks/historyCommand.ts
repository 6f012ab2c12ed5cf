import { Command, InvalidArgumentError } from 'commander';
import type { DescribedApplied } from '../../core/edits/appliedChange.ts';
import {
  type DescribedDifference,
  type DescribedVersion,
  differenceText,
  historyText,
} from '../../core/explain/versionHistory.ts';
import { WrongUse } from '../../settings/commandSettings.ts';
import { type Asking, serverOption } from '../ask.ts';
import { NotThere } from '../input.ts';

export function historyCommand(asking: Asking): Command {
  return new Command('history')
    .description(
      'show changes to LiveKit’s trunks and rules, who applied those of sipwhy fix and why, from the service’s store (DATABASE_URL) or a running service',
    )
    .argument('[from]', 'version number to compare from', versionNumber)
    .argument('[to]', 'version number to compare to', versionNumber)
    .addOption(serverOption())
    .option('--json', 'print JSON', false)
    .addHelpText('after', '\nExamples:\n  sipwhy history\n  sipwhy history 3 5')
    .action(async (from: number | undefined, to: number | undefined, options: Options) => {
      const { server, json } = options;
      const print = <T>(answer: T, text: (answer: T) => string) =>
        process.stdout.write(json ? `${JSON.stringify(answer, undefined, 2)}\n` : text(answer));
      // The casts: the API describes its answers so.
      if (from === undefined) {
        const answer = await asking(server, (ask) => ask('/trunks/history', { limit: LISTED }));
        // A service of an older version knows no applied changes.
        print(answer as { versions: DescribedVersion[]; applied?: DescribedApplied[] }, ({ versions, applied }) =>
          historyText(versions, applied),
        );
        return;
      }
      if (to === undefined) throw new WrongUse('give two versions to compare, or none to list all');
      const difference = await asking(server, (ask) => ask(`/trunks/history/${from}/${to}`));
      if (!difference) throw new NotThere(`version ${from} or ${to} isn’t there: run sipwhy history for the list`);
      print(difference as DescribedDifference, differenceText);
    });
}

interface Options {
  readonly server?: string;
  readonly json: boolean;
}

/** How many versions are listed. */
const LISTED = 100;

function versionNumber(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError('It must be a version number.');
  return Number(value);
}
