import { createInterface } from 'node:readline/promises';
import { type Command, InvalidArgumentError } from 'commander';
import { plainText, printText } from './input.ts';

/** How a change is applied. Every command that changes LiveKit's configuration has these options. */
export interface ApplyOptions {
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly why?: string;
  readonly by?: string;
  readonly choose?: number;
  readonly json: boolean;
}

/** How a command that changes something speaks with a person. */
export interface Consent {
  say(text: string): void;
  /** Whether somebody can be asked. */
  readonly isTerminal: boolean;
  ask(question: string): Promise<boolean>;
}

/** What came of it: the exit status says whether everything is fine. */
export interface ApplyResult {
  readonly isFine: boolean;
  readonly json: object;
}

export function addApplyOptions(command: Command): Command {
  return command
    .option('--dry-run', 'show the change, and change nothing (the default without a terminal)', false)
    .option('--yes', 'apply the change without a question', false)
    .option('--choose <n>', 'apply another fix of those that are numbered', ordinal)
    .option('--why <text>', 'the reason, for the history')
    .option('--by <name>', 'who applies it, for the history (default: $USER)');
}

/** Whether the command only shows what it would change. */
export function isDryRun({ dryRun, yes, json }: ApplyOptions, { isTerminal }: Pick<Consent, 'isTerminal'>): boolean {
  return dryRun || (!yes && (json || !isTerminal));
}

/** Speaks on the terminal. With --json it says nothing, because the output is for a program. */
export function terminalConsent({ yes, json }: Pick<ApplyOptions, 'yes' | 'json'>): Consent {
  return {
    isTerminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
    say: (text) => {
      if (!json) printText(text);
    },
    ask: async (question) => yes || (await isConfirmed(question)),
  };
}

/** Asks on the terminal. An end of input is no permission. */
export async function isConfirmed(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const answer = await Promise.race([lines.question(plainText(`${question} [y/N] `)), ended]);
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}

function ordinal(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be the number of a fix.');
}
