import { Command } from 'commander';
import { maskNumbers } from '../../core/explain/mask.ts';
import { type EraseNumber, eraserOf } from '../../core/receive/eraseNumber.ts';
import { commandSettings, EXIT, WrongUse } from '../../settings/commandSettings.ts';

export interface Forgotten {
  /** How many rows of each table, and records of each file, have the number; those without it are left out. */
  readonly rows: Readonly<Record<string, number>>;
  /** What was not erased, and why. */
  readonly left: readonly string[];
}

/** Erases a number from the store and the journal, or only counts what has it. Rejects if there is no store. */
type ForgetNumber = (erase: EraseNumber, isDryRun: boolean) => Promise<Forgotten>;

export function forgetCommand(forget: ForgetNumber): Command {
  return new Command('forget')
    .description(
      'erase a caller’s number from the store (DATABASE_URL) and the journal (JOURNAL_DIR); calls, counts and incidents stay',
    )
    .argument('<number>', 'telephone number, such as +4915112345678, in the form in which it is shown')
    .option('--dry-run', 'only count the rows that have the number', false)
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nThe service may keep running. Requests with the number that still wait for CALL_STATUS_FORWARD_URL are deleted.\n' +
        'Exit status: 0 the number was found, 1 it was not. What is not covered: docs/privacy.md.\n\nExamples:\n  sipwhy forget +4915112345678 --dry-run\n  sipwhy forget +4915112345678',
    )
    .action(async (number: string, options: { dryRun: boolean; json: boolean }) => {
      const erase = eraserOf(number, commandSettings().site.hashKey);
      if (!erase)
        throw new WrongUse('NUMBER must be a telephone number with at least 6 digits, such as +4915112345678');
      const { rows, left } = await forget(erase, options.dryRun);
      const isFound = Object.keys(rows).length > 0;
      const counts = Object.entries(rows).map(([table, count]) => `${table}: ${count}`);
      const verb = options.dryRun ? 'would be erased' : 'was erased';
      const text = isFound
        ? `${maskNumbers(number)} ${verb} from ${counts.join(', ')}`
        : 'the number was found nowhere';
      const lines = [text, ...left.map((what) => `not erased: ${what}`)];
      const json = JSON.stringify({ dry_run: options.dryRun, rows, not_erased: left });
      process.stdout.write(`${options.json ? json : lines.join('\n')}\n`);
      if (!isFound) process.exitCode = EXIT.foundProblem;
    });
}
