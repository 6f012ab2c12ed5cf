import { commandSettings } from './commandSettings.ts';
import { type ProbeTarget, targetsFrom } from './probe/target.ts';

/** The targets that the environment names. */
export function configuredTargets(): ProbeTarget[] {
  const { targets, sipHosts } = commandSettings().probe;
  return targetsFrom({ probeTargets: targets, sipHosts });
}
