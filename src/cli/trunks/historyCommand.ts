import { Command, InvalidArgumentError } from 'commander';
import {
  type DescribedDifference,
  type DescribedVersion,
  differenceText,
  historyText,
} from '../../core/explain/versionHistory.ts';
import { WrongUse } from '../../settings/commandSettings.ts';

/** The history of LiveKit's configuration. Both methods reject if there is no store. */
export interface StoredHistory {
  /** Newest first. */
  versions(): Promise<readonly DescribedVersion[]>;
  /** `undefined` if one of the versions isn't in the store. */
  difference(from: number, to: number): Promise<DescribedDifference | undefined>;
}

export function historyCommand(history: StoredHistory): Command {
  return new Command('history')
    .description('show changes to LiveKit’s trunks and rules, from the service’s store (DATABASE_URL)')
    .argument('[from]', 'version number to compare from', versionNumber)
    .argument('[to]', 'version number to compare to', versionNumber)
    .option('--json', 'print JSON', false)
    .action(async (from: number | undefined, to: number | undefined, options: { json: boolean }) => {
      const print = <T>(answer: T, text: (answer: T) => string) =>
        process.stdout.write(options.json ? `${JSON.stringify(answer, undefined, 2)}\n` : text(answer));
      if (from === undefined) {
        print({ versions: await history.versions() }, ({ versions }) => historyText(versions));
        return;
      }
      if (to === undefined) throw new WrongUse('give two versions to compare, or none to list all');
      const difference = await history.difference(from, to);
      if (!difference)
        throw new WrongUse(`version ${from} or ${to} isn’t in the store: run sipwhy history for the list`);
      print(difference, differenceText);
    });
}

function versionNumber(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError('It must be a version number.');
  return Number(value);
}
