import type { ApiConfiguration } from '../core/edits/edits.ts';
import type { SipApi } from '../livekit/sipApi.ts';
import type { SipWriter, Writing, Written } from '../livekit/sipWriter.ts';
import { WrongUse } from '../settings/commandSettings.ts';
import type { Settings } from '../settings/settings.ts';

/** LiveKit's configuration as it was read once. */
export interface ConfigurationReading {
  /** With its secrets. */
  readonly configuration: ApiConfiguration;
  /** The ids of trunks and rules with fields that this version doesn't know. */
  readonly inPart: ReadonlySet<string>;
}

/** LiveKit's API with the operator's own key. */
export interface LiveKitAccess {
  /** Rejects with `WrongUse` if LiveKit can't be asked. */
  read(): Promise<ConfigurationReading>;
  write(writing: Writing): Promise<Written>;
}

export const NO_ACCESS =
  'set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, and not LIVEKIT_CONFIG_FILE: sipwhy changes LiveKit only with your own key';

/** LiveKit's API as the environment names it; `undefined` if it doesn't, or names a file instead. */
export function liveKitAccess({ url, apiKey, apiSecret, configFile }: Settings['livekit']): LiveKitAccess | undefined {
  if (url === undefined || apiKey === undefined || apiSecret === undefined || configFile !== undefined)
    return undefined;
  let api: SipApi | undefined;
  let writer: SipWriter | undefined;
  return {
    read: async () => {
      try {
        // The client is loaded only where it is needed.
        api ??= new (await import('../livekit/sipApi.ts')).SipApi(url, apiKey, apiSecret);
        const { trunks, rules, inPart } = await api.exactLists();
        // The casts: protobuf makes objects of messages.
        return { configuration: { trunks, rules } as ApiConfiguration, inPart };
      } catch (error) {
        throw new WrongUse(`cannot read LiveKit’s trunks and dispatch rules: ${(error as Error).message}`);
      }
    },
    write: async (writing) => {
      writer ??= new (await import('../livekit/sipWriter.ts')).SipWriter(url, apiKey, apiSecret);
      return writer.write(writing);
    },
  };
}
