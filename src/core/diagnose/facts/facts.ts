import type { Attempt } from '../../call/call.ts';
import type { Transfer } from '../../call/room.ts';
import { parseSipUri, type SipUri, userPartOf } from '../../call/sipUri.ts';
import { type Judgement, judge, type MediaJudgement } from '../../trunks/judge/judge.ts';
import type { Snapshot } from '../../trunks/snapshot.ts';
import type { HangUps } from './agentCalls.ts';
import { type CallEnd, callEndOf } from './callEnd.ts';
import { type Deployment, deploymentOf } from './deployment.ts';
import { type Ending, endingOf, isResponse, type Progress, progressOf } from './ending.ts';
import { type LiveKitReport, namesCallId } from './liveKitReport.ts';
import { isAnonymous503, isLiveKitRefusal, isTryAgainLater } from './liveKitResponses.ts';
import { type Neighbours, NO_NEIGHBOURS } from './neighbours.ts';
import { type HostJudgement, isLiveKitHost, judgeHost, type Site } from './site.ts';
import { type TransferResult, transferResult } from './transferResult.ts';

/** Who was dialled. */
export type Target =
  /** A leg to LiveKit, the only kind of leg that gets LiveKit's causes. */
  | {
      readonly kind: 'livekit';
      readonly uri: SipUri;
      readonly to: string;
      /** A telephone number was dialled, through a carrier of Jambonz that is LiveKit. The host is then empty. */
      readonly viaCarrier?: true;
      /** Jambonz's REST API placed the call. */
      readonly byRest?: true;
    }
  /** A carrier, a user, a team, or a SIP URI elsewhere. */
  | { readonly kind: 'other'; readonly to: string; readonly isNumber: boolean }
  /** The inbound A leg itself. */
  | { readonly kind: 'own'; readonly to: string | undefined }
  /** Only a dial hook reported the leg, and it does not say who was dialled. */
  | { readonly kind: 'unknown' };

/** Whether a telephone number was dialled, which Jambonz sends to the gateways of a carrier. */
export function wentThroughCarrier(target: Target): boolean {
  return (target.kind === 'other' && target.isNumber) || (target.kind === 'livekit' && target.viaCarrier === true);
}

/** What the application wrote to place the call: the place for credentials, the tag and SRTP. */
export function formOf(target: Target): 'the dial verb' | 'createCall' {
  return target.kind === 'livekit' && target.byRest ? 'createCall' : 'the dial verb';
}

/**
 * How far LiveKit let a call in, as its answers show.
 * `refused`: it matched nothing. `auth`: a trunk matched and credentials were asked for.
 * `admitted`: trunk, credentials and dispatch rule were passed.
 */
export type LiveKitStage = 'unknown' | 'refused' | 'auth' | 'admitted';

/** How current the LiveKit configuration is that a call is judged by. */
export interface Metadata {
  readonly state: 'fresh' | 'stale' | 'missing';
  /** Age at the time of the call, in seconds; `undefined` when missing. */
  readonly ageSeconds: number | undefined;
}

/** All facts that rules may need. A rule declares its needs and gets only those facts. */
export interface Facts {
  readonly target: Target;
  readonly ending: Ending;
  readonly progress: Progress;
  /** How an answered call ended; `undefined` until that is settled. */
  readonly end: CallEnd | undefined;
  /** `undefined` for a leg that isn't to LiveKit. */
  readonly stage: LiveKitStage | undefined;
  /** `undefined` for a leg that isn't to LiveKit. */
  readonly host: HostJudgement | undefined;
  /** `undefined` for a leg that isn't to LiveKit, and if LiveKit's configuration is unknown. */
  readonly match: Judgement | undefined;
  /** What the media settings of the likely trunk and its rule, or of the wildcard rule, mean for the call. */
  readonly media: MediaJudgement | undefined;
  readonly metadata: Metadata;
  /** Whether another leg of the same dial was answered. */
  readonly lostToSibling: boolean;
  /** What LiveKit's own webhooks say; `unreported` for a leg that isn't to LiveKit. */
  readonly livekit: LiveKitReport;
  /** What became of the agent's transfers; `undefined` if the agent reported none. */
  readonly transfer: TransferResult | undefined;
  /** `undefined` for a leg that isn't to LiveKit. */
  readonly deployment: Deployment | undefined;
  /** What other calls to LiveKit do at the same time. */
  readonly neighbours: Neighbours;
  /** The hang-ups around an answered call whose caller hung up within seconds; `undefined` unless most callers do so. */
  readonly hangUps: HangUps | undefined;
}

export type FactName = keyof Facts;

/** A version of LiveKit's configuration, and how old it was when the call was made. */
export interface KnownConfiguration {
  readonly snapshot: Snapshot;
  readonly ageSeconds: number;
  readonly isStale: boolean;
  /** The other configuration that may have been in force, if the call fell between two readings that differ. */
  readonly other?: KnownConfiguration;
}

const NO_REPORT: LiveKitReport = { kind: 'unreported' };

/** An attempt that is over, and what LiveKit's webhooks report of it. `settledAt` in epoch milliseconds. */
export interface SettledAttempt {
  readonly attempt: Attempt;
  readonly settledAt: number;
  readonly report?: LiveKitReport | undefined;
  /** The transfers that the agent reported, in the order of their times. */
  readonly transfers?: readonly Transfer[];
  /** Whether the end of an answered attempt is settled. */
  readonly isEnd?: boolean;
}

/** Gathers the facts of a settled attempt. */
export function gatherFacts(
  site: Site,
  { attempt, settledAt, report = NO_REPORT, transfers = [], isEnd = false }: SettledAttempt,
  configuration: KnownConfiguration | undefined,
): Facts {
  const ending = endingOf(attempt);
  const progress = progressOf(attempt, settledAt);
  const dialled = targetOf(site, attempt);
  const target = wentToLiveKit(site, dialled, { ending, progress, report }, configuration?.snapshot)
    ? viaCarrier(dialled.to)
    : dialled;
  const isLiveKit = target.kind === 'livekit';
  const match = isLiveKit && configuration ? judgeLeg(site, attempt, target.uri, configuration.snapshot) : undefined;
  const deployment = isLiveKit ? deploymentOf(site, target.uri.host) : undefined;
  return {
    target,
    ending,
    progress,
    end: isEnd ? callEndOf(attempt, isLiveKit ? report : NO_REPORT) : undefined,
    stage: isLiveKit ? stageReported(report, stageOf(ending, progress)) : undefined,
    host: isLiveKit && !target.viaCarrier ? judgeHost(site, target.uri.host) : undefined,
    match: deployment && match && passing(match, mayRefuseBypass(deployment, ending)),
    media: match?.media,
    metadata: configuration
      ? { state: configuration.isStale ? 'stale' : 'fresh', ageSeconds: configuration.ageSeconds }
      : { state: 'missing', ageSeconds: undefined },
    lostToSibling: attempt.lostToSibling !== undefined,
    livekit: isLiveKit ? report : NO_REPORT,
    transfer: transferResult(attempt, transfers),
    deployment,
    neighbours: NO_NEIGHBOURS,
    hangUps: undefined,
  };
}

function targetOf(site: Site, { leg, isDialled }: Attempt): Target {
  if (!leg) return { kind: 'unknown' };
  if (!isDialled && leg.direction !== 'outbound') return { kind: 'own', to: leg.to };
  if (leg.to === undefined) return { kind: 'unknown' };
  const uri = parseSipUri(leg.to);
  if (uri && isLiveKitHost(site, uri.host))
    return { kind: 'livekit', uri, to: leg.to, ...(!isDialled && { byRest: true }) };
  return { kind: 'other', to: leg.to, isNumber: PHONE_NUMBER.test(leg.to) };
}

// The form of a dial target of type phone; users and teams have a name, or a realm after an @.
const PHONE_NUMBER = /^(tel:)?\+?[\d\-() .*#]+$/;

/** How long, in seconds, nothing follows the one 180 of a call that LiveKit dropped. */
const DROPPED_SECONDS = 2;

/**
 * Whether a telephone number went to LiveKit, entered in Jambonz as a carrier. No webhook names the carrier, so LiveKit's
 * own answers give it away, the number, if a trunk lists it, or LiveKit's webhooks, if they name the leg's SIP Call-ID.
 */
function wentToLiveKit(
  { carriers }: Site,
  target: Target,
  { ending, progress, report }: Pick<Facts, 'ending' | 'progress'> & { readonly report: LiveKitReport },
  snapshot: Snapshot | undefined,
): target is Dialled {
  if (target.kind !== 'other' || !target.isNumber) return false;
  if (isLiveKitRefusal(ending) || namesCallId(report)) return true;
  const { ringings, ringSeconds = 0, endReported } = progress;
  const isListed = snapshot?.trunkIndex.ownerOf(numberOf(target.to)) !== undefined;
  const isDropped = ending.kind === 'unanswered' && ringings === 1 && ringSeconds >= DROPPED_SECONDS && endReported;
  const isNamed = carriers.length > 0;
  const isLiveKits = isDropped || isTryAgainLater(ending) || isResponse(ending, 486, 'Rejected');
  return isListed && isNamed ? true : (isListed || isNamed) && isLiveKits;
}

type Dialled = Extract<Target, { readonly kind: 'other' }>;

/** The SBC strips the + of the number. */
function numberOf(to: string): string {
  return to.replace(/^(tel:)?\+?/, '');
}

/** A number that goes through a carrier to LiveKit, as LiveKit sees it. */
export function viaCarrier(to: string) {
  const user = numberOf(to);
  const uri = { scheme: 'sip', user, isEscaped: false, host: '', port: undefined, transport: undefined } as const;
  return { kind: 'livekit', uri, to, viaCarrier: true } as const;
}

function judgeLeg(site: Site, { leg }: Attempt, uri: SipUri, snapshot: Snapshot): Judgement {
  return judge(snapshot, {
    called: uri.user,
    caller: leg?.from === undefined ? undefined : userPartOf(leg.from),
    hashKey: site.hashKey,
    sources: site.sbcAddresses,
    declaredAuth: leg?.declaredAuth,
    strictAddresses: site.strictAddresses,
  });
}

/** With a wildcard bypass, neither a trunk's fault nor its password nor one of its rules stops the call. */
function passing(judgement: Judgement, mayRefuse: boolean): Judgement {
  if (!judgement.wildcardBypass || mayRefuse) return judgement;
  return { ...judgement, likelyTrunk: undefined, equallyNear: 0, auth: undefined, dispatch: undefined };
}

/**
 * Whether this LiveKit may refuse a call that no trunk matched, although a wildcard rule would accept it. The builds
 * that were observed accept it; newer builds and LiveKit Cloud have a 404 for it. What else Cloud does in that case is
 * not known.
 */
function mayRefuseBypass({ kind }: Deployment, ending: Ending): boolean {
  if (ending.kind !== 'response') return false;
  return ending.status === 404 || (kind === 'cloud' && isAnonymous503(ending));
}

/**
 * A reported LiveKit participant shows that LiveKit let the call in, even if no ringing was reported. A missing
 * participant alone shows nothing: its webhook may be lost or late.
 */
function stageReported(report: LiveKitReport, stage: LiveKitStage): LiveKitStage {
  if (report.kind !== 'admitted') return stage;
  return report.joinedBy === 'call_id' || stage === 'unknown' ? 'admitted' : stage;
}

/** An accepted call repeats its 180 every second, so a single one this long before the end was never repeated. */
const SILENCE_SECONDS = 2;

// Source: what livekit-sip was seen to answer. It sends one 180 before it matches; only an admitted call repeats it.
function stageOf(ending: Ending, { ringings, ringSeconds = 0, endReported }: Progress): LiveKitStage {
  if (ending.kind === 'answered' || ringings >= 2) return 'admitted';
  if (ending.kind === 'not_made') return 'unknown';
  const wasSilent = ringings === 1 && ringSeconds >= SILENCE_SECONDS;
  // Without a report of the end, lost webhooks may explain the silence.
  if (ending.kind === 'unanswered') return wasSilent && endReported ? 'refused' : 'unknown';
  switch (ending.status) {
    case 401:
    case 407:
      return 'auth';
    case 404:
      return 'refused';
    case 408:
      // A dropped call that nobody cancels times out in the SIP stack, long after its one 180.
      return wasSilent ? 'refused' : 'unknown';
    case 486:
      return 'admitted';
    case 400:
    case 488:
    case 500:
      // Media is negotiated once a rule has matched.
      return ringings === 1 && !ending.isStale ? 'admitted' : 'unknown';
    default:
      return 'unknown';
  }
}
