import type { Evidence } from '../diagnose/cause.ts';
import { distinct, fixesOf, unknownsOf } from '../diagnose/diagnose.ts';
import { type ProvenFix, proveFixes, verdictOf } from '../diagnose/prove.ts';
import { type Question, weighQuestion } from '../diagnose/question.ts';
import type { CauseId } from '../diagnose/registry.ts';
import type { HostJudgement, Site } from '../diagnose/site.ts';
import { type MatchTrace, traceMatch } from '../explain/trace.ts';
import type { Fix } from '../fixes/fix.ts';
import { ruleName, trunkName } from '../fixes/names.ts';
import type { Judgement, Verdict } from '../trunks/judge.ts';
import type { Snapshot } from '../trunks/snapshot.ts';

export interface CheckedStage {
  readonly stage: 'host' | 'trunk' | 'auth' | 'dispatch';
  readonly verdict: Verdict;
  readonly detail: string;
}

/** Whether a call would connect, stage by stage, and what keeps it from that. */
export interface Checked {
  readonly to: string;
  /** `null` where it depends on what is not known. */
  readonly would_connect: boolean | null;
  readonly stages: readonly CheckedStage[];
  readonly blocking: readonly CauseId[];
  readonly latent: readonly CauseId[];
  readonly findings: readonly string[];
  readonly evidence: readonly (Evidence & { readonly cause: CauseId })[];
  readonly fixes: readonly ProvenFix<Fix & { readonly cause: CauseId }>[];
  readonly unknowns: readonly string[];
  readonly trace: MatchTrace;
}

/** Answers "would this call connect?" with the rules that explain failed calls. */
export function check(site: Site, snapshot: Snapshot, question: Question): Checked {
  const { facts, host, match, blocking, latent } = weighQuestion(site, snapshot, question);
  const fixes = [...fixesOf(facts, blocking), ...fixesOf(facts, latent)];
  return {
    to: question.to,
    would_connect: blocking.length > 0 ? false : latent.length > 0 || verdictOf(match) === 'unknown' ? null : true,
    stages: [hostStage(host), trunkStage(match), authStage(match), dispatchStage(match)],
    blocking: blocking.map(({ cause }) => cause.id),
    latent: latent.map(({ cause }) => cause.id),
    findings: match.hole ? ['wildcard_rule_admits_unmatched_calls'] : [],
    evidence: distinct([...blocking, ...latent]),
    fixes: proveFixes(fixes, snapshot, match.call),
    unknowns: unknownsOf(facts),
    trace: traceMatch(match, snapshot),
  };
}

function hostStage(host: HostJudgement | undefined): CheckedStage {
  const stage = 'host';
  switch (host?.kind) {
    case undefined:
      return { stage, verdict: 'unknown', detail: 'no host was given' };
    case 'expected':
      return { stage, verdict: 'pass', detail: 'it is LiveKit’s SIP host' };
    case 'wrong':
      return { stage, verdict: 'fail', detail: `${host.host} is not LiveKit’s SIP host` };
    case 'unknown':
      return { stage, verdict: 'unknown', detail: `set LIVEKIT_SIP_HOST, and ${host.host} can be judged` };
  }
}

function trunkStage({ choice, hole }: Judgement): CheckedStage {
  const stage = 'trunk';
  if (hole)
    return { stage, verdict: 'pass', detail: `no trunk matches, and ${ruleName(hole)} admits the call all the same` };
  switch (choice.kind) {
    case 'empty':
      return { stage, verdict: 'fail', detail: 'there is no inbound trunk' };
    case 'none':
      return { stage, verdict: 'fail', detail: 'no trunk matches' };
    case 'matched':
      return { stage, verdict: 'pass', detail: trunkName(choice.trunk.trunk) };
    case 'conflict': {
      const [a, b] = choice.between;
      return { stage, verdict: 'fail', detail: `${trunkName(a.trunk)} and ${trunkName(b.trunk)} both match` };
    }
    case 'unknown':
      return { stage, verdict: 'unknown', detail: 'it depends on what is not known' };
  }
}

function authStage({ auth, hole }: Judgement): CheckedStage {
  const stage = 'auth';
  if (hole || auth?.kind === 'not_asked') return { stage, verdict: 'pass', detail: 'no credentials are asked for' };
  switch (auth?.kind) {
    case undefined:
      return { stage, verdict: 'unknown', detail: 'no trunk' };
    case 'not_sent':
      return { stage, verdict: 'fail', detail: 'credentials are asked for, and none are sent' };
    case 'wrong_username':
      return { stage, verdict: 'fail', detail: `${auth.sent} is not the trunk’s username` };
    case 'unknown':
      return auth.usernameMatches
        ? { stage, verdict: 'pass', detail: 'the username is the trunk’s; the password cannot be compared' }
        : { stage, verdict: 'unknown', detail: 'credentials are asked for; whether they are sent is not known' };
  }
}

function dispatchStage({ dispatch, hole }: Judgement): CheckedStage {
  const stage = 'dispatch';
  if (hole) return { stage, verdict: 'pass', detail: ruleName(hole) };
  switch (dispatch?.kind) {
    case undefined:
      return { stage, verdict: 'unknown', detail: 'no trunk' };
    case 'rule':
      return { stage, verdict: 'pass', detail: ruleName(dispatch.rule) };
    case 'conflict':
      return { stage, verdict: 'fail', detail: `${dispatch.between.map(ruleName).join(' and ')} clash` };
    case 'none': {
      const why = {
        no_rules: 'there is no dispatch rule',
        other_trunk: 'every dispatch rule is bound to another trunk',
        number_mismatch: 'no dispatch rule of the trunk takes this caller and called number',
      };
      return { stage, verdict: 'fail', detail: why[dispatch.why] };
    }
  }
}
