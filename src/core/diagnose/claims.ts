import { type Fix, inWords, plainFix, trunkName } from '../fixes/fix.ts';
import { verdictOf } from '../fixes/prove.ts';
import { isOpenList } from '../trunks/allowedAddresses.ts';
import type { Judgement, TrunkJudgement, Verdict } from '../trunks/judge/judge.ts';
import type { Claim, Confidence, Evidence } from './cause.ts';
import { type Ending, isResponse, type Progress } from './facts/ending.ts';
import type { Facts, LiveKitStage } from './facts/facts.ts';
import { isPhraseless503 } from './facts/liveKitResponses.ts';
import type { RangOut } from './facts/timing.ts';

/** A claim that this call's own responses show the cause. */
export function observed(confidence: Confidence, evidence: readonly Evidence[], fixes: readonly Fix[] = []): Claim {
  return { standing: 'blocking', basis: 'observed', confidence, evidence, fixes };
}

/** A claim that LiveKit's webhooks for this call show the cause. */
export function saidByLiveKit(confidence: Confidence, evidence: readonly Evidence[], fixes: readonly Fix[]): Claim {
  return { ...observed(confidence, evidence, fixes), saidByLiveKit: true };
}

/** A claim that the evidence can't exclude the cause, although another one is better supported. */
export function alternative(evidence: readonly Evidence[], fixes: readonly Fix[] = []): Claim {
  return { standing: 'alternative', basis: 'observed', confidence: 'possible', evidence, fixes };
}

/** A claim that the cause may hide in an unknown field, or is a next blocker. */
export function latent(confidence: Confidence, evidence: readonly Evidence[], fixes: readonly Fix[] = []): Claim {
  return { standing: 'latent', basis: 'configured', confidence, evidence, fixes };
}

/**
 * A fault in LiveKit's configuration, in a field that LiveKit checks before `stage`. It stopped the call if LiveKit
 * refused it, can't have stopped it if LiveKit let it pass, and would stop it if the call never got that far.
 */
export function configurationFault(
  stage: LiveKitStage | undefined,
  evidence: readonly Evidence[],
  fixes: readonly Fix[],
  checkedBefore: 'auth' | 'admitted' = 'auth',
): Claim | undefined {
  switch (stage) {
    case undefined:
    case 'admitted':
      return undefined;
    case 'auth':
      if (checkedBefore === 'auth') return undefined;
      return { standing: 'blocking', basis: 'configured', confidence: 'likely', evidence, fixes };
    case 'refused':
      return { standing: 'blocking', basis: 'configured', confidence: 'certain', evidence, fixes };
    case 'unknown':
      return { standing: 'blocking', basis: 'configured', confidence: 'likely', evidence, fixes };
  }
}

/** The response of an attempt and how long it took, as evidence. */
export function responseEvidence(ending: Ending, progress: Progress): Evidence[] {
  const evidence: Evidence[] = [];
  if (ending.kind === 'response') {
    const reason = ending.reason ?? '(no reason phrase: only the dial hook reported it)';
    evidence.push({ name: 'final response', value: `${ending.status} ${reason}`, source: 'jambonz' });
    if (progress.elapsedMs !== undefined) {
      evidence.push({ name: 'time to the response', value: duration(progress), source: 'jambonz' });
    }
  } else if (ending.kind === 'unanswered') {
    const how = {
      caller: 'the caller hung up',
      other_leg: 'another leg of the dial was answered',
      dial: 'the dial gave up',
      dial_without_leg: 'the dial failed, and no webhook reported its leg',
      unknown: 'no webhook reported the end',
    };
    evidence.push({ name: 'ending', value: `no final response; ${how[ending.endedBy]}`, source: 'jambonz' });
  }
  return evidence;
}

/** LiveKit repeats its 180 every second; this long after the last one, in seconds, it no longer rang. */
const QUIET_SECONDS = 2;

/** How often and how long it rang, as evidence. */
export function ringingEvidence({
  ringings,
  ringSeconds = 0,
  quietSeconds = 0,
  ringingsReported,
}: Progress): Evidence[] {
  const evidence = (value: string): Evidence[] => [{ name: 'ringing', value, source: 'jambonz' }];
  if (ringings === 0) return evidence('none');
  const count = ringingsReported ? `${ringings} × 180` : 'at least one 180 (its webhook is missing)';
  if (quietSeconds < QUIET_SECONDS || !ringingsReported) return evidence(`${count} in ${ringSeconds.toFixed(1)} s`);
  const repeated = ringings === 1 ? '' : ` in ${(ringSeconds - quietSeconds).toFixed(1)} s`;
  return evidence(`${count}${repeated}, then none for ${quietSeconds.toFixed(1)} s`);
}

/**
 * Evidence that another gateway or address rang before a response that can't follow ringing: only the last failure
 * reaches the feature server, so the answer of the one that rang is hidden.
 */
export function hiddenAnswerEvidence(progress: Progress): Evidence[] {
  const value =
    'another gateway or address than the one that failed last; its own answer is hidden, because only the last failure is reported';
  return [...ringingEvidence(progress), { name: 'who rang', value, source: 'jambonz' }];
}

/** The first step where an answer is hidden. */
export const FIND_HIDDEN_ANSWER = plainFix(
  'Look in the PCAP of Jambonz’s Recent Calls for the answer of the gateway or address that rang.',
);

/** The ringing timeout that passed, as evidence. */
export function ringingTimeoutEvidence({ seconds, trunk }: RangOut): Evidence {
  const value = trunk
    ? `${seconds} s, the ringing_timeout of ${trunkName(trunk)}, passed`
    : `LiveKit’s own ${seconds / 60} minutes passed`;
  return { name: 'ringing timeout', value, source: 'match' };
}

/** Evidence that LiveKit refused the call: silence after one 180, or a 404. */
export function refusalEvidence(stage: LiveKitStage | undefined, ending: Ending, progress: Progress): Evidence[] {
  if (stage !== 'refused') return responseEvidence(ending, progress);
  if (ending.kind === 'response' && ending.status === 404) return responseEvidence(ending, progress);
  const value = `one 180, then silence for ${(progress.ringSeconds ?? 0).toFixed(1)} s: LiveKit matched nothing`;
  return [{ name: 'response', value, source: 'jambonz' }];
}

/**
 * Whether the configuration admits the call only because of the address that it is thought to come from. LiveKit may have
 * seen another one.
 */
export function restsOnSource(match: Judgement): boolean {
  if (match.choice.kind !== 'matched' || verdictOf(match) !== 'admitted') return false;
  return !isOpenList(match.choice.trunk.trunk.allowed_addresses, match.call.strictAddresses);
}

/** The match's verdict on one field of a trunk, as evidence. */
export function fieldEvidence(
  judged: TrunkJudgement,
  field: 'numbers' | 'allowed_addresses' | 'allowed_numbers',
  value: string,
  verdict: Verdict,
): Evidence {
  const { trunk } = judged;
  const name = `${field} of ${trunkName(judged.trunk)}`;
  const list = `[${inWords(trunk[field])}]`;
  const text = {
    pass: `${value} is in ${list}`,
    fail: `${value} isn’t in ${list}`,
    unknown: `can’t tell whether ${value} is in ${list}`,
  }[verdict];
  return { name, value: text, source: 'match' };
}

function duration({ elapsedMs = 0, precise }: Progress): string {
  if (!precise) return `about ${Math.round(elapsedMs / 1000)} s`;
  return elapsedMs < 10_000 ? `${elapsedMs} ms` : `${(elapsedMs / 1000).toFixed(1)} s`;
}

/**
 * What a rule about LiveKit's configuration can claim when that configuration is unknown: if LiveKit refused the call,
 * the cause can't be excluded, but nothing supports it more than the other rules' causes.
 */
export function withoutMatch(stage: LiveKitStage | undefined, evidence: readonly Evidence[]): Claim | undefined {
  return stage === 'refused' ? alternative(evidence) : undefined;
}

/**
 * A 503 whose phrase only Jambonz uses. Behind a carrier's gateway it may come from another Jambonz. Without its phrase
 * it can't be excluded.
 */
export function saidByJambonz(
  phrase: string,
  { target, ending, progress }: Pick<Facts, 'target' | 'ending' | 'progress'>,
  fix: string,
): Claim | undefined {
  const evidence = responseEvidence(ending, progress);
  const fixes = [plainFix(fix)];
  if (isPhraseless503(ending)) return alternative(evidence, fixes);
  if (!isResponse(ending, 503, phrase)) return undefined;
  const isOurs = target.kind === 'livekit' || target.kind === 'own';
  return observed(isOurs ? 'certain' : 'likely', evidence, fixes);
}
