import { authoritiesFrom, authorityFaults } from './authorities.ts';
import { readSettings, type Settings } from './settings.ts';

/** Settings of a command. Throws WrongUse with all faults of the environment. */
export function commandSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const reading = readSettings(env);
  if (!reading.ok) throw new WrongUse(`the environment has faults:\n  ${reading.faults.join('\n  ')}`);
  return reading.settings;
}

/** The authorities that a command trusts. Most commands need no other setting, and work with faults in those. */
export function commandAuthorities({ TLS_CA_FILE }: NodeJS.ProcessEnv = process.env): string[] {
  const given = TLS_CA_FILE ? { TLS_CA_FILE } : {};
  const [fault] = authorityFaults(given);
  if (fault !== undefined) throw new WrongUse(fault);
  return authoritiesFrom(given);
}

/** Exit statuses of every command. */
export const EXIT = { fine: 0, foundProblem: 1, wrongUse: 2 } as const;

/** Wrong use of a command. The message says what is wrong and what to do; the exit status is 2. */
export class WrongUse extends Error {}
