import { Command } from 'commander';
import { maskNumbers } from '../../core/explain/mask.ts';
import { type EraseNumber, eraserOf } from '../../core/receive/eraseNumber.ts';
import { commandSettings, EXIT, WrongUse } from '../../settings/commandSettings.ts';

/** Erases a number from the store, or only counts the rows that have it. Rejects if there is no store. */
type ForgetNumber = (erase: EraseNumber, isDryRun: boolean) => Promise<Readonly<Record<string, number>>>;

export function forgetCommand(forget: ForgetNumber): Command {
  return new Command('forget')
    .description('erase a caller’s number from the store (DATABASE_URL); calls, counts and incidents stay')
    .argument('<number>', 'telephone number, such as +4915112345678, in the form in which it is shown')
    .option('--dry-run', 'only count the rows that have the number', false)
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nThe service may keep running. Exit status: 0 the number was found, 1 it was not.\nWhat is not covered: docs/privacy.md.',
    )
    .action(async (number: string, options: { dryRun: boolean; json: boolean }) => {
      const erase = eraserOf(number, commandSettings().site.hashKey);
      if (!erase)
        throw new WrongUse('NUMBER must be a telephone number with at least 6 digits, such as +4915112345678');
      const rows = await forget(erase, options.dryRun);
      const isFound = Object.keys(rows).length > 0;
      const counts = Object.entries(rows).map(([table, count]) => `${table}: ${count}`);
      const verb = options.dryRun ? 'would be erased' : 'was erased';
      const text = isFound
        ? `${maskNumbers(number)} ${verb} from ${counts.join(', ')}`
        : 'the number is not in the store';
      process.stdout.write(options.json ? `${JSON.stringify({ dry_run: options.dryRun, rows })}\n` : `${text}\n`);
      if (!isFound) process.exitCode = EXIT.foundProblem;
    });
}
