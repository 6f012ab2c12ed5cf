import type { CallEvent } from '../call/event.ts';
import { parseSipUri } from '../call/sipUri.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { isLiveKitHost, type Site } from './site.ts';

/**
 * Whether an event is about a leg to LiveKit whose called number no known trunk takes: the trunk may have been made
 * since the configuration was last read.
 */
export function namesUnknownNumber(site: Site, event: CallEvent, snapshot: Snapshot): boolean {
  if (event.direction !== 'outbound' || event.callStatus !== 'trying' || event.to === undefined) return false;
  const uri = parseSipUri(event.to);
  if (!uri || !isLiveKitHost(site, uri.host)) return false;
  return !snapshot.trunkIndex.takes(uri.user);
}
