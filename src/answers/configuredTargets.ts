import { type ProbeTarget, targetsFrom } from '../probe/target.ts';
import { commandSettings } from '../settings/commandSettings.ts';

/** The targets that the environment names. */
export function configuredTargets(): ProbeTarget[] {
  const { targets, sipHosts } = commandSettings().probe;
  return targetsFrom({ probeTargets: targets, sipHosts });
}
