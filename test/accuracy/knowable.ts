import type { Truth } from './generatedAttempt.ts';

/** What is left of the evidence. Only with all of it can the cause always be named. */
export const EVIDENCE = ['complete', 'no_sbc_address', 'old_sbc', 'reordered', 'no_configuration'] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** What is as right as the truth, where some of the evidence is not there. */
export function knowable(truth: Truth, evidence: Evidence): Truth {
  const { blocking, also, latent, beneath } = truth;
  const [headline] = blocking;
  if (blocking.length === 0 && evidence !== 'no_configuration' && evidence !== 'no_sbc_address') return truth;
  switch (evidence) {
    case 'complete':
      return truth;
    case 'no_sbc_address': {
      // A field that is not known is latent, unless it is the only explanation.
      const sets = [blocking, ...also].map(withoutSource);
      const [first = blocking, ...rest] = sets;
      const isHidden = first !== blocking && first.length < blocking.length;
      return {
        ...truth,
        blocking: first,
        also: rest,
        latent: isHidden ? ['source_address_not_allowed', ...latent] : latent,
        isHole: truth.isHole ? undefined : truth.isHole,
      };
    }
    case 'old_sbc': {
      // Every 503 of LiveKit's says "Service Unavailable".
      const isBackend = headline === 'livekit_unavailable' || headline === 'livekit_quota_exceeded';
      return isBackend ? { ...truth, also: [...also, ['livekit_unavailable'], ...beneath] } : truth;
    }
    case 'reordered':
      // Where nothing dates a late webhook, what rests on times cannot be told: who ended the call, how long it rang,
      // whether it was refused at once.
      switch (headline) {
        case 'callee_no_answer':
        case 'caller_abandoned':
          return { ...truth, also: [...also, ['callee_no_answer'], ['caller_abandoned']] };
        case 'agent_not_joined':
        case 'agent_not_publishing':
          return { ...truth, also: [...also, ['livekit_room_closed']] };
        case 'transport_unreachable':
          return { ...truth, also: [...also, ['livekit_unavailable'], ...beneath] };
        default:
          return truth;
      }
    case 'no_configuration':
      // What the configuration would show beside the headline is not known. Nor is that it stopped the media.
      return { ...truth, also: [...also, blocking.slice(0, 1), ...ofMedia(headline)], latent: [], isHole: false };
  }
}

/** LiveKit's answer is the same for each. */
function ofMedia(headline: string | undefined): readonly (readonly string[])[] {
  const isMedia = headline === 'media_encryption_mismatch' || headline === 'trunk_allows_no_codec';
  return isMedia ? [['media_negotiation_failed']] : [];
}

/** What is left of a set where the SBC's address is not known. LiveKit's silence is explained by nothing after it. */
function withoutSource(set: readonly string[]): readonly string[] {
  const rest = set.filter((cause) => cause !== 'source_address_not_allowed');
  return rest.every((cause) => cause.startsWith('auth_')) ? set : rest;
}
