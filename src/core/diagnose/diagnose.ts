import type { FindingId } from '../audit/findings.ts';
import { createCallBody, dialVerb } from '../fixes/dialPaste.ts';
import { type Paste, pasteOf, trunkName } from '../fixes/fix.ts';
import { replaceHashed } from '../trunks/hashedNumber.ts';
import { type Cause, dropsAnswered } from './cause.ts';
import { unclassified } from './causes/unclassified.ts';
import { CAUSES, type CauseId } from './causes.ts';
import type { Diagnosis, Origin, Outcome } from './diagnosis.ts';
import { summarise } from './diagnosis.ts';
import { byeUnknowns, connectedSummary, droppedSummary, endUnknowns, speechUnknowns } from './endWords.ts';
import { isResponse } from './facts/ending.ts';
import { type Facts, formOf } from './facts/facts.ts';
import { isMediaAnswer } from './facts/mediaAnswers.ts';
import { neighbourEvidence } from './facts/neighbours.ts';
import { isLikelyTrunkAmbiguous, partyOf, type RankedClaim, type Ranking, rank } from './rank.ts';
import { excluded, nextSteps } from './unexplained.ts';
import { carrierEvidence, deploymentUnknowns, isRefusalKnown, notAdmittedEvidence } from './unknowns.ts';

type AnyCause = (typeof CAUSES)[number];

type RuleErrors = Diagnosis['ruleErrors'];

/** Turns the facts of a settled attempt into a diagnosis. */
export function diagnose(facts: Facts): Diagnosis {
  if (facts.ending.kind === 'answered') return answered(facts);
  const { blocking, latent, alternatives, ruleErrors } = weigh(facts);
  const headline = blocking[0];
  const cause = headline?.cause ?? unclassified;
  const outcome: Outcome = cause.party === 'nobody' ? 'not_counted' : 'failed';
  const causes = blocking.map((ranked) => ranked.cause);
  return {
    outcome,
    cause: cause.id,
    party: cause.party,
    confidence: headline?.claim.confidence ?? 'possible',
    blocking: headline ? causes.map(({ id }) => id) : [unclassified.id],
    latent: latent.map((ranked) => ranked.cause.id),
    alternatives: alternatives.map((ranked) => ranked.cause.id),
    findings: findingsOf(facts),
    summary: summarise(facts, cause, causes, headline?.claim.confidence === 'possible'),
    evidence: [
      ...(headline ? distinct([...blocking, ...latent]) : unclassifiedEvidence(facts, alternatives)),
      ...[...carrierEvidence(facts), ...notAdmittedEvidence(facts), ...neighbourEvidence(facts.neighbours)].map(
        (evidence) => ({
          cause: cause.id,
          ...evidence,
        }),
      ),
    ],
    fixes: [
      ...fixesOf(facts, blocking),
      ...(headline ? [] : nextSteps(facts).map((fix) => ({ cause: unclassified.id, ...fix }))),
      ...fixesOf(facts, latent),
    ],
    deployment: facts.deployment,
    unknowns: unknownsOf(facts),
    response: responseOf(facts, cause),
    trunk: trunkOf(facts),
    ruleErrors,
  };
}

/** Runs the rules for calls of this kind on the facts and ranks their claims. A rule that throws is reported, and the others still run. */
export function weigh(facts: Facts): Ranking<AnyCause> & { readonly ruleErrors: RuleErrors } {
  const ruleErrors: { cause: CauseId; message: string }[] = [];
  const claims: RankedClaim<AnyCause>[] = [];
  const isAnswered = facts.ending.kind === 'answered';
  for (const cause of CAUSES) {
    // What stops a call before its answer did not stop an answered one, and the other way round.
    if (isAnswered ? !dropsAnswered(cause) : cause.stage === 'after_answer') continue;
    try {
      const claim = cause.judge(facts);
      if (claim) claims.push({ cause, claim });
    } catch (error) {
      ruleErrors.push({ cause: cause.id, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return { ...rank(claims, facts, isRefusalKnown(facts)), ruleErrors };
}

/** What is excluded, and what speaks for each cause that is not. */
function unclassifiedEvidence(facts: Facts, alternatives: readonly RankedClaim<AnyCause>[]): Diagnosis['evidence'] {
  const claim = { standing: 'blocking', basis: 'observed', confidence: 'possible', evidence: excluded(facts) } as const;
  return distinct([{ cause: unclassified, claim }, ...alternatives]);
}

/** An answered call: it connected, and what ended it afterwards, or failed during it, may be a fault. */
function answered(facts: Facts): Diagnosis {
  const { blocking: found, alternatives, ruleErrors } = weigh(facts);
  // What ended the call says more than what it outlived, and a fault more than what is nobody's.
  const isFault = (ranked: RankedClaim<AnyCause>) => partyOf(ranked) !== 'nobody';
  const isEnd = (ranked: RankedClaim<AnyCause>) => isFault(ranked) && !goesOn(ranked);
  const blocking = [
    ...found.filter(isEnd),
    ...found.filter((ranked) => isFault(ranked) && goesOn(ranked)),
    ...found.filter((ranked) => !isFault(ranked)),
  ];
  const headline = blocking[0];
  const causes = blocking.map(({ cause }) => cause);
  const isDropped = headline !== undefined && isEnd(headline);
  return {
    outcome: isDropped ? 'dropped' : 'connected',
    cause: headline?.cause.id,
    party: headline && partyOf(headline),
    confidence: headline?.claim.confidence,
    blocking: causes.map(({ id }) => id),
    latent: [],
    alternatives: alternatives.map(({ cause }) => cause.id),
    findings: findingsOf(facts),
    summary: isDropped
      ? droppedSummary(facts, causes, headline.claim.confidence === 'possible')
      : connectedSummary(facts, causes, headline && partyOf(headline)),
    evidence: distinct([...blocking, ...alternatives]),
    fixes: fixesOf(facts, blocking),
    deployment: facts.deployment,
    unknowns: [
      ...(found.some((ranked) => !goesOn(ranked)) ? [] : endUnknowns(facts)),
      ...byeUnknowns(facts),
      ...speechUnknowns(facts),
    ],
    response: { status: 200, reason: 'OK', origin: facts.target.kind === 'livekit' ? 'livekit' : 'far_end' },
    trunk: trunkOf(facts),
    ...(facts.end && { end: facts.end }),
    ...(facts.transfer?.kind === 'accepted' && { transferred: true }),
    ruleErrors,
  };
}

function goesOn({ cause }: { readonly cause: Cause }): boolean {
  return cause.callGoesOn === true;
}

/** Each piece of evidence once, with the first cause that it supports. */
export function distinct(claims: readonly RankedClaim<AnyCause>[]): Diagnosis['evidence'] {
  const seen = new Set<string>();
  return claims.flatMap(({ cause, claim }) =>
    claim.evidence
      .filter(({ name, value }) => {
        const key = `${name}\n${value}`;
        return !seen.has(key) && seen.add(key);
      })
      .map((evidence) => ({ cause: cause.id, ...evidence })),
  );
}

/** The fixes of some claims. The first fix that changes the dial carries the verb, or the body of createCall, with all of them. */
export function fixesOf({ target }: Facts, claims: readonly RankedClaim<AnyCause>[]): Diagnosis['fixes'] {
  const fixes = claims.flatMap(({ cause, claim }) =>
    (claim.fixes ?? []).map((fix) => ({ cause: cause.id, ...fix, pastes: fix.pastes.map(withoutHash) })),
  );
  const first = fixes.find(({ change }) => change?.kind === 'dial');
  // Behind a carrier, the application dials a number, and Jambonz’s carrier makes the rest.
  if (target.kind !== 'livekit' || target.viaCarrier || !first) return fixes;
  const changes = fixes.flatMap(({ change }) => change ?? []);
  const paste = (target.byRest ? createCallBody : dialVerb)(target.to, changes);
  return fixes.map((fix) => (fix === first ? { ...fix, pastes: [paste] } : fix));
}

/** LiveKit does not know a hash. */
function withoutHash(paste: Paste): Paste {
  return pasteOf({ ...paste, text: replaceHashed(paste.text, '<the caller’s number>') });
}

/** A wildcard bypass is reported on each call that got in through it, whether or not anybody answered. */
function findingsOf({ match, stage }: Facts): FindingId[] {
  return match?.wildcardBypass && stage === 'admitted' ? ['wildcard_rule_admits_unmatched_calls'] : [];
}

function responseOf({ ending, target }: Facts, cause: AnyCause): Diagnosis['response'] {
  if (ending.kind !== 'response') return undefined;
  return { status: ending.status, reason: ending.reason, origin: originOf(cause, target) };
}

function originOf({ stage }: AnyCause, target: Facts['target']): Origin {
  if (stage === 'jambonz') return 'jambonz';
  if (stage === 'network') return 'sip_stack';
  if (stage === 'unknown') return 'unknown';
  if (target.kind === 'livekit') return 'livekit';
  return target.kind === 'other' ? 'far_end' : 'unknown';
}

function trunkOf({ target, match }: Facts): string {
  if (target.kind !== 'livekit') return 'none';
  if (!match) return 'unknown';
  if (match.choice.kind === 'matched') return match.choice.trunk.trunk.sip_trunk_id;
  // Counted under the likely trunk only if the called number points to it, or if there is no other trunk.
  const { likelyTrunk, equallyNear } = match;
  const isKnown = likelyTrunk && (likelyTrunk.called === 'pass' || likelyTrunk.alike || equallyNear === 0);
  return isKnown && !match.wildcardBypass ? likelyTrunk.trunk.sip_trunk_id : 'none';
}

/** What is unknown about an attempt, each with what would settle it. */
export function unknownsOf(facts: Facts): string[] {
  const { target, match, media, metadata, progress, livekit } = facts;
  const unknowns: string[] = [];
  if (target.kind === 'unknown') unknowns.push('Who was dialled: none of the leg’s own webhooks arrived.');
  if (!progress.endReported) unknowns.push('When and how the leg ended: no webhook reported it.');
  if (target.kind !== 'livekit') return unknowns;
  if (livekit.kind === 'ambiguous') {
    unknowns.push(
      `What LiveKit’s webhooks say about this call: ${livekit.participants} LiveKit participants have these numbers at this time, and Jambonz did not report the SIP Call-ID.`,
    );
  }
  if (metadata.state === 'missing') {
    unknowns.push(
      'LiveKit’s trunks and rules: set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, or LIVEKIT_CONFIG_FILE.',
    );
  } else if (metadata.state === 'stale') {
    unknowns.push(
      `Whether LiveKit’s configuration was still the same: it was last read ${Math.round(metadata.ageSeconds ?? 0)} s before the call.`,
    );
  }
  unknowns.push(...deploymentUnknowns(facts));
  if (!match) return unknowns;
  if (match.call.sources.length === 0 && match.trunks.some((trunk) => trunk.source === 'unknown')) {
    unknowns.push('Which address the INVITE came from: set JAMBONZ_SBC_ADDRESSES.');
  }
  // A 407 shows that none were sent, and a 401 that the wrong ones were.
  const isAsked = isResponse(facts.ending, 407) || isResponse(facts.ending, 401);
  if (match.auth?.kind === 'unknown' && !match.auth.usernameMatches && !isAsked) {
    unknowns.push(
      `Whether credentials were sent: add the tag {"sipwhy": {"auth_username": "…"}} to ${formOf(target)}, with false for none.`,
    );
  }
  if (media?.encryption.verdict === 'unknown' && media.encryption.offered === undefined && mayStopMedia(facts)) {
    unknowns.push(
      `Whether the call offers SRTP: no webhook says so. ${target.byRest ? 'Look for the header X-Jambonz-SRTP in to.headers of createCall, or give its body' : 'Look for "srtpEncryption" in the dial verb, or give the verb'} to \`sipwhy check --dial\`.`,
    );
  }
  if (match.likelyTrunk && isLikelyTrunkAmbiguous(match)) {
    unknowns.push(
      `Which trunk was intended: no trunk has the called number. ${trunkName(match.likelyTrunk.trunk)} is the likely trunk; other equally likely trunks: ${match.equallyNear}.`,
    );
  }
  return unknowns;
}

/** Whether the call may have ended where media is negotiated, or before. */
function mayStopMedia({ stage, ending }: Facts): boolean {
  return stage !== 'admitted' || isMediaAnswer(ending, 400);
}
