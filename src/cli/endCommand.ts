import { CommanderError } from 'commander';
import { InputFault } from '../files/inputFault.ts';
import { EXIT, WrongUse } from '../settings/commandSettings.ts';
import { NotThere, plainText } from './input.ts';

/** Longer messages come from data, not from sipwhy. */
const LONGEST_MESSAGE = 4_000;

/**
 * Ends a command because of an error. Prints one message, with --json as `{"error": …}`, and a stack trace only with
 * LOG_LEVEL=debug.
 */
export function endCommand(error: unknown): void {
  if (error instanceof CommanderError) {
    // Commander has printed the error. Help and version also end here, with status 0.
    process.exitCode = error.exitCode === 0 ? EXIT.fine : EXIT.wrongUse;
    return;
  }
  const { code, syscall, message, stack }: NodeJS.ErrnoException =
    error instanceof Error ? error : new Error(String(error));
  // A reader such as `head` may close the pipe early. That is no problem of the command.
  if (code === 'EPIPE') process.exit();
  const isExpected = error instanceof WrongUse || error instanceof InputFault || error instanceof NotThere;
  if (isExpected) print(message);
  else if (syscall === 'write') print(`the output cannot be written: ${message}`);
  else print(`unexpected error: ${message}; set LOG_LEVEL=debug to see where it comes from`);
  if (!isExpected && /^(debug|trace)$/.test(process.env.LOG_LEVEL ?? '')) process.stderr.write(`${stack}\n`);
  process.exitCode = error instanceof NotThere ? EXIT.foundProblem : EXIT.wrongUse;
  // What is left of the command must not go on after an error that nobody awaited.
  if (!isExpected) process.exit();
}

function print(message: string): void {
  const shown = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)} …` : message;
  const text = plainText(shown);
  process.stderr.write(process.argv.includes('--json') ? `${JSON.stringify({ error: text })}\n` : `sipwhy: ${text}\n`);
}
