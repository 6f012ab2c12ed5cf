import { Command, InvalidArgumentError } from 'commander';
import {
  type DescribedDifference,
  type DescribedVersion,
  differenceText,
  historyText,
} from '../core/explain/versionHistory.ts';
import { WrongUse } from '../settings/commandSettings.ts';

/** The history of LiveKit's configuration. Both reject where there is no store. */
export interface StoredHistory {
  /** Newest first. */
  versions(): Promise<readonly DescribedVersion[]>;
  /** `undefined` where one of the versions is not kept. */
  difference(from: number, to: number): Promise<DescribedDifference | undefined>;
}

export function historyCommand(history: StoredHistory): Command {
  return new Command('history')
    .description('show how LiveKit’s trunks and rules changed, from the store that the service keeps (DATABASE_URL)')
    .argument('[from]', 'number of a version, to compare', versionNumber)
    .argument('[to]', 'number of the version to compare it with', versionNumber)
    .option('--json', 'print JSON', false)
    .action(async (from: number | undefined, to: number | undefined, options: { json: boolean }) => {
      const print = <T>(answer: T, text: (answer: T) => string) =>
        process.stdout.write(options.json ? `${JSON.stringify(answer, undefined, 2)}\n` : text(answer));
      if (from === undefined) {
        print({ versions: await history.versions() }, ({ versions }) => historyText(versions));
        return;
      }
      if (to === undefined) throw new WrongUse('give two versions to compare, or none for the history');
      const difference = await history.difference(from, to);
      if (!difference) throw new WrongUse(`version ${from} or ${to} is not kept; see sipwhy history`);
      print(difference, differenceText);
    });
}

function versionNumber(value: string): number {
  if (!/^\d{1,15}$/.test(value)) throw new InvalidArgumentError('it must be the number of a version.');
  return Number(value);
}
