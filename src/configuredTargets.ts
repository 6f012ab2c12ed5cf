import { WrongUse } from './cli/exit.ts';
import { type ProbeTarget, targetsFrom } from './probe/target.ts';
import { readSettings } from './settings.ts';

/** The targets that the environment names. */
export function configuredTargets(): ProbeTarget[] {
  const reading = readSettings(process.env);
  if (!reading.ok) throw new WrongUse(`the configuration has faults:\n  ${reading.faults.join('\n  ')}`);
  const { targets, sipHosts } = reading.settings.probe;
  return targetsFrom({ probeTargets: targets, sipHosts });
}
