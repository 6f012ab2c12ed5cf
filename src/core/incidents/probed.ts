import { parseSipUri } from '../call/sipUri.ts';
import { CONNECTED_AFTER_MS } from './connected.ts';
import { type AfterFix, close, type Folded, type Incident, isOpen } from './incident.ts';

/** How many probes in a row must succeed after one that failed. */
const SUCCESSES_IN_A_ROW = 2;

/** What a probe saw. `at` in epoch milliseconds. */
export interface Probed {
  readonly target: string;
  readonly reachable: boolean;
  readonly at: number;
}

/**
 * Records a probe for a network incident. Only a probe that had also failed can show that the cause is gone: a probe
 * from elsewhere may have succeeded all along. `undefined` if nothing changed.
 */
export function foldProbe(incident: Incident, { target, reachable, at }: Probed): Folded | undefined {
  if (incident.party !== 'network' || !isOpen(incident) || at <= incident.last.at) return undefined;
  const host = parseSipUri(target)?.host;
  if (!incident.questions.some(({ to }) => to !== undefined && parseSipUri(to)?.host === host)) return undefined;
  const { probe } = incident;
  if (!reachable) {
    const isNoted = probe?.successes === 0 && probe.failedAt >= incident.last.at;
    return isNoted ? undefined : { incident: { ...incident, probe: { failedAt: at, successes: 0 } } };
  }
  const afterFix: AfterFix = { state: 'probe_ok', at, target };
  if (!probe) return incident.afterFix ? undefined : { incident: { ...incident, afterFix } };
  if (probe.failedAt < incident.last.at && incident.afterFix?.state === 'next_call_failed') return undefined;
  const changed: Incident = { ...incident, afterFix, probe: { ...probe, successes: probe.successes + 1 } };
  const isEnough = changed.probe !== undefined && changed.probe.successes >= SUCCESSES_IN_A_ROW;
  if (isEnough && at - incident.last.at >= CONNECTED_AFTER_MS) return close(changed, 'probe_ok', at, afterFix);
  return probe.successes >= SUCCESSES_IN_A_ROW ? undefined : { incident: changed };
}
