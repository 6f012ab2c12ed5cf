import { readSettings, type Settings } from './settings.ts';

/** The settings of a command. Throws WrongUse with all faults of the environment together. */
export function commandSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const reading = readSettings(env);
  if (!reading.ok) throw new WrongUse(`the configuration has faults:\n  ${reading.faults.join('\n  ')}`);
  return reading.settings;
}

/** Exit statuses of every command. */
export const EXIT = { fine: 0, foundProblem: 1, wrongUse: 2 } as const;

/** The command was not used as it should be: the message says what is wrong and what to do. Ends with status 2. */
export class WrongUse extends Error {}
