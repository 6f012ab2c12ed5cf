import type { Site } from '../diagnose/facts/site.ts';
import type { weighQuestion } from '../diagnose/question.ts';
import type { DispatchRule, Snapshot } from '../trunks/snapshot.ts';
import type { ExpectedCall } from './expectedFile.ts';

type Weighed = ReturnType<typeof weighQuestion>;

/** What leaves a call open, each with what settles it: a field of the file if there is one. */
export function unknownFields(
  { sbcAddresses }: Pick<Site, 'sbcAddresses'>,
  { source }: Pick<ExpectedCall, 'source'>,
  { match, host, latent }: Weighed,
): string[] {
  const { media } = match;
  const open: string[] = [];
  const near = match.trunks.filter((judged) => judged === match.likelyTrunk || judged.called === 'pass');
  if (near.some((judged) => judged.caller === 'unknown')) open.push(UNKNOWN_CALLER);
  if (match.choice.kind === 'unknown' && near.some((judged) => judged.source === 'unknown')) {
    if (source !== undefined) open.push('whether the host of the From header is allowed: list addresses in the trunk');
    else if (sbcAddresses.length === 0)
      open.push('which address the call comes from: set source, or JAMBONZ_SBC_ADDRESSES');
    else open.push('which of JAMBONZ_SBC_ADDRESSES the call comes from: set source');
  }
  if (match.auth?.kind === 'unknown' && !match.auth.usernameMatches && !match.wildcardBypass)
    open.push('whether credentials are sent: set auth');
  if (media?.encryption.verdict === 'unknown' && media.encryption.offered === undefined)
    open.push('whether the call offers SRTP: set srtp');
  if (host?.kind === 'unknown' && latent.some(({ cause }) => cause.stage === 'host'))
    open.push(`whether ${host.host} is LiveKit’s SIP host: set LIVEKIT_SIP_HOST`);
  if (open.length > 0) return open;
  return latent.length > 0
    ? latent.map(({ cause }) => `whether ${cause.id} stops it: ${cause.title}`)
    : ['fields that sipwhy check names for this call'];
}

export const UNKNOWN_CALLER = 'who calls: set from';

/**
 * Whether another caller could get another answer. A judgement without a caller takes a rule for some callers as a match,
 * and no refusal by the trunk or by credentials depends on the rule.
 */
export function dependsOnCaller({ ruleIndex }: Snapshot, { match, blocking }: Weighed): boolean {
  const { choice, likelyTrunk, call } = match;
  if (call.caller !== undefined) return false;
  const isForSome = ({ inbound_numbers, numbers }: DispatchRule) =>
    inbound_numbers.length > 0 && (numbers.length === 0 || numbers.includes(call.called));
  if (choice.kind === 'none' || choice.kind === 'empty') return ruleIndex.wildcards.some(isForSome);
  if (blocking.some(({ cause }) => cause.stage !== 'media')) return false;
  return likelyTrunk !== undefined && ruleIndex.inReachOf(likelyTrunk.trunk.sip_trunk_id).some(isForSome);
}
