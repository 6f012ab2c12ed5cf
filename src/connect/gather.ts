import { parseAddress } from '../core/trunks/address.ts';
import { type Chosen, choose } from './jambonz/choose.ts';
import type { JambonzApi } from './jambonz/jambonzApi.ts';

/** The result of a test of LiveKit's key. */
export type LiveKitTest =
  | {
      readonly state: 'accepted';
      readonly trunks: readonly { readonly id: string; readonly name: string; readonly numbers: readonly string[] }[];
      readonly rules: number;
    }
  | { readonly state: 'failed'; readonly fault: string }
  /** LIVEKIT_URL and its key are not set. */
  | { readonly state: 'unset' };

/** What Jambonz and LiveKit say, before anything changes. */
export interface Gathered extends Chosen {
  /** `undefined` if the account has none. */
  readonly webhookSecret: string | undefined;
  readonly sbcs: readonly { readonly address: string; readonly lastUpdated: string | undefined }[];
  /** Entries of the list of SBCs that are no IP addresses. */
  readonly notAddresses: readonly string[];
  readonly livekit: LiveKitTest;
}

/** Changes nothing. Rejects with `ConnectFault` if Jambonz can't be read; a fault of LiveKit is part of the result. */
export async function gather(
  api: JambonzApi,
  wanted: { readonly account: string | undefined; readonly application: string | undefined },
  testLiveKit: () => Promise<LiveKitTest>,
): Promise<Gathered> {
  const chosen = await choose(api, wanted);
  const { account } = chosen;
  const [webhookSecret, listed, livekit] = await Promise.all([
    api.webhookSecret(account.account_sid),
    api.sbcs(account.service_provider_sid ?? undefined),
    testLiveKit(),
  ]);
  const isAddress = (text: string) => parseAddress(text) !== undefined;
  const sbcs = listed
    .filter(({ ipv4 }) => isAddress(ipv4))
    .map(({ ipv4, last_updated }) => ({ address: ipv4, lastUpdated: last_updated ?? undefined }));
  const notAddresses = listed.map(({ ipv4 }) => ipv4).filter((text) => !isAddress(text));
  return { ...chosen, webhookSecret, sbcs, notAddresses, livekit };
}
