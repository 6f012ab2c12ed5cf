import type { Snapshot } from '../core/trunks/snapshot.ts';
import type { Backlog } from '../metrics/journalMetrics.ts';

/** What the door knows of the engine, for metrics, the setup page and the names of trunks. */
export interface EngineState {
  /** Calls that are not over, or only just. */
  readonly openCalls: number;
  readonly backlog: Backlog;
  /** Statuses that are still to be passed on; `undefined` where none are. */
  readonly forwardBacklog: number | undefined;
  readonly configuration: ConfigurationState | undefined;
  /** Why LiveKit's configuration could not be read the last time. */
  readonly configurationError: string | undefined;
  /** When LiveKit's configuration was last read, in epoch milliseconds. */
  readonly configurationReadAt: number | undefined;
}

interface ConfigurationState {
  readonly trunks: number;
  readonly rules: number;
  /** LiveKit's names of its trunks, by id. */
  readonly trunkNames: ReadonlyMap<string, string>;
}

export const NO_STATE: EngineState = {
  openCalls: 0,
  backlog: { bytes: 0, oldestReceivedAt: undefined, setAside: 0 },
  forwardBacklog: undefined,
  configuration: undefined,
  configurationError: undefined,
  configurationReadAt: undefined,
};

export function configurationState({ trunks, rules }: Snapshot): ConfigurationState {
  return {
    trunks: trunks.length,
    rules: rules.length,
    trunkNames: new Map(trunks.map(({ sip_trunk_id, name }) => [sip_trunk_id, name])),
  };
}

/** Tells the door what has changed. */
export type ReportState = (changed: Partial<EngineState>) => void;
