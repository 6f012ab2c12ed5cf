import type { Snapshot } from '../core/trunks/snapshot.ts';
import type { Backlog } from '../metrics/journalMetrics.ts';
import type { StoreFault } from '../store/storeUnavailable.ts';

/** The engine's state as the door knows it, for metrics, the setup page and trunk names. */
export interface EngineState {
  /** How many calls are not over, or ended only recently. */
  readonly openCalls: number;
  readonly backlog: Backlog;
  /** Why the store cannot be used; `undefined` if it can, or if the reason is not known. */
  readonly storeFault: StoreFault | undefined;
  /** How many statuses wait to be forwarded; `undefined` if CALL_STATUS_FORWARD_URL is not set. */
  readonly forwardBacklog: number | undefined;
  readonly configuration: ConfigurationState | undefined;
  /** Why the last reading of LiveKit's configuration failed; `undefined` if it did not. */
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
  storeFault: undefined,
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

/** Sends changes of the state to the door. */
export type ReportState = (changed: Partial<EngineState>) => void;
