import { WrongUse } from '../exit.ts';
import { readSettings, type Settings } from './settings.ts';

/** The settings of a command. Throws WrongUse with all faults of the environment together. */
export function commandSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const reading = readSettings(env);
  if (!reading.ok) throw new WrongUse(`the configuration has faults:\n  ${reading.faults.join('\n  ')}`);
  return reading.settings;
}
