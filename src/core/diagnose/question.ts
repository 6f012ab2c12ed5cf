import type { DeclaredAuth } from '../call/callEvent.ts';
import { decodeEscapes, parseSipUri, type SipUri } from '../call/sipUri.ts';
import { judge } from '../trunks/judge/judge.ts';
import type { Snapshot } from '../trunks/snapshot.ts';
import { weigh } from './diagnose.ts';
import { deploymentOf } from './facts/deployment.ts';
import { type Facts, viaCarrier } from './facts/facts.ts';
import { NO_NEIGHBOURS } from './facts/neighbours.ts';
import { judgeHost, type Site } from './facts/site.ts';

/** A hypothetical call: would it connect? */
export interface Question {
  /** The dialled SIP URI, or its user part alone: then the host is not judged. */
  readonly to: string;
  readonly caller: string | undefined;
  /** Address that the INVITE would come from; the site's SBC addresses where it is `undefined`. */
  readonly source: string | undefined;
  readonly auth: DeclaredAuth | undefined;
  /** Whether the call would offer SRTP; absent if unknown. */
  readonly srtp?: boolean | undefined;
  /** A carrier of Jambonz takes the number to LiveKit: `to` is the number as dialled. */
  readonly byCarrier?: true;
  /** Jambonz's REST API would place the call. */
  readonly byRest?: true;
  /** What is worth knowing about what the application wrote, besides whether the call would connect. */
  readonly notes?: readonly string[];
}

/** What is asked without a host: the user part, as it would stand in a SIP URI. */
function withoutHost(to: string): SipUri {
  const user = decodeEscapes(to);
  return { scheme: 'sip', user, host: '', port: undefined, transport: undefined, isEscaped: user !== to };
}

/** Weighs a hypothetical call with the rules that explain failed calls. */
export function weighQuestion(site: Site, snapshot: Snapshot, question: Question) {
  const uri = question.byCarrier ? undefined : parseSipUri(question.to);
  const target = question.byCarrier
    ? viaCarrier(question.to)
    : ({ kind: 'livekit', uri: uri ?? withoutHost(question.to), to: question.to } as const);
  const asked = target.uri;
  const host = uri ? judgeHost(site, uri.host) : undefined;
  const match = judge(snapshot, {
    called: asked.user,
    caller: question.caller,
    hashKey: site.hashKey,
    sources: question.source === undefined ? site.sbcAddresses : [question.source],
    declaredAuth: question.auth,
    strictAddresses: site.strictAddresses,
    offersSrtp: question.srtp,
  });
  const facts: Facts = {
    target: { ...target, ...(question.byRest && { byRest: true }) },
    ending: { kind: 'not_made' },
    progress: {
      ringings: 0,
      ringingsReported: true,
      ringSeconds: undefined,
      quietSeconds: undefined,
      elapsedMs: undefined,
      precise: true,
      endReported: true,
    },
    end: undefined,
    stage: 'unknown',
    host,
    match,
    media: match.media,
    metadata: { state: 'fresh', ageSeconds: 0 },
    lostToSibling: false,
    transfer: undefined,
    livekit: { kind: 'unreported' },
    deployment: deploymentOf(site, asked.host),
    neighbours: NO_NEIGHBOURS,
    hangUps: undefined,
  };
  // With a wildcard bypass, no trunk blocks the call.
  const { blocking, latent } = weigh(match.wildcardBypass ? { ...facts, match: undefined } : facts);
  return { facts, host, match, blocking, latent };
}
