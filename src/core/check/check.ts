import type { FindingId } from '../audit/findings.ts';
import type { Evidence } from '../diagnose/cause.ts';
import type { CauseId } from '../diagnose/causes.ts';
import { distinct, fixesOf, unknownsOf } from '../diagnose/diagnose.ts';
import type { HostJudgement, Site } from '../diagnose/facts/site.ts';
import { type Question, weighQuestion } from '../diagnose/question.ts';
import { causeSections, PROVEN } from '../explain/explanationText.ts';
import { type MatchTrace, traceMatch } from '../explain/trace.ts';
import { type Fix, ruleName, trunkName } from '../fixes/fix.ts';
import { ownerName } from '../fixes/mediaFix.ts';
import { type ProvenFix, proveFixes, verdictOf } from '../fixes/prove.ts';
import type { Judgement, Verdict } from '../trunks/judge/judge.ts';
import type { Snapshot } from '../trunks/snapshot.ts';

export interface CheckedStage {
  readonly stage: 'host' | 'trunk' | 'auth' | 'dispatch' | 'media';
  readonly verdict: Verdict;
  readonly detail: string;
}

/** Whether a call would connect, stage by stage, and what blocks it. */
export interface Checked {
  readonly to: string;
  /** `null` if it depends on unknown details. */
  readonly would_connect: boolean | null;
  readonly stages: readonly CheckedStage[];
  readonly blocking: readonly CauseId[];
  readonly latent: readonly CauseId[];
  readonly findings: readonly FindingId[];
  readonly evidence: readonly (Evidence & { readonly cause: CauseId })[];
  readonly fixes: readonly ProvenFix<Fix & { readonly cause: CauseId }>[];
  readonly unknowns: readonly string[];
  /** What does not stop the call, but is worth knowing about the dial verb. */
  readonly notes: readonly string[];
  readonly trace: MatchTrace;
}

/** Answers "would this call connect?" with the rules that explain failed calls. */
export function check(site: Site, snapshot: Snapshot, question: Question): Checked {
  const weighed = weighQuestion(site, snapshot, question);
  const { facts, host, match, blocking, latent } = weighed;
  const fixes = [...fixesOf(facts, blocking), ...fixesOf(facts, latent)];
  return {
    to: question.to,
    would_connect: wouldConnect(weighed),
    stages: [hostStage(host, question), trunkStage(match), authStage(match), dispatchStage(match), mediaStage(match)],
    blocking: blocking.map(({ cause }) => cause.id),
    latent: latent.map(({ cause }) => cause.id),
    findings: match.wildcardBypass ? ['wildcard_rule_admits_unmatched_calls'] : [],
    evidence: distinct([...blocking, ...latent]),
    fixes: proveFixes(
      fixes,
      snapshot,
      match.call,
      latent.map(({ cause }) => cause.id),
    ),
    unknowns: unknownsOf(facts),
    notes: [...(question.notes ?? []), ...notesOnId(match)],
    trace: traceMatch(match, snapshot),
  };
}

function notesOnId({ likelyTrunk }: Judgement): string[] {
  if (!likelyTrunk?.trunk.has_assumed_id) return [];
  const { sip_trunk_id } = likelyTrunk.trunk;
  return [
    `The configuration file gives its only trunk no id, so that ${sip_trunk_id}, which its dispatch rules name, is assumed to be this trunk.`,
  ];
}

/** Whether a weighed call would connect; `null` if that depends on unknown details. */
export function wouldConnect({ match, blocking, latent }: ReturnType<typeof weighQuestion>): boolean | null {
  if (blocking.length > 0) return false;
  return latent.length > 0 || verdictOf(match) === 'unknown' ? null : true;
}

function hostStage(host: HostJudgement | undefined, { byCarrier }: Question): CheckedStage {
  const stage = 'host';
  switch (host?.kind) {
    case undefined:
      return { stage, verdict: 'unknown', detail: byCarrier ? 'the carrier in Jambonz names it' : 'no host was given' };
    case 'expected':
      return { stage, verdict: 'pass', detail: 'LiveKit’s SIP host' };
    case 'wrong':
      return { stage, verdict: 'fail', detail: `${host.host} isn’t LiveKit’s SIP host` };
    case 'unknown':
      return {
        stage,
        verdict: 'unknown',
        detail:
          host.doubt === 'not_listed'
            ? `${host.host} isn’t in LIVEKIT_SIP_HOST`
            : `set LIVEKIT_SIP_HOST to check ${host.host}`,
      };
  }
}

function trunkStage({ choice, wildcardBypass }: Judgement): CheckedStage {
  const stage = 'trunk';
  if (wildcardBypass)
    return {
      stage,
      verdict: 'pass',
      detail: `no trunk matches, but ${ruleName(wildcardBypass)} admits the call (wildcard bypass)`,
    };
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
      return { stage, verdict: 'unknown', detail: 'depends on unknown fields' };
  }
}

function authStage({ auth, wildcardBypass }: Judgement): CheckedStage {
  const stage = 'auth';
  if (wildcardBypass || auth?.kind === 'not_asked')
    return { stage, verdict: 'pass', detail: 'no credentials required' };
  switch (auth?.kind) {
    case undefined:
      return { stage, verdict: 'unknown', detail: 'no trunk' };
    case 'not_sent':
      return { stage, verdict: 'fail', detail: 'credentials are required, but none are sent' };
    case 'wrong_username':
      return { stage, verdict: 'fail', detail: `${auth.sent} isn’t the trunk’s username` };
    case 'unknown':
      return auth.usernameMatches
        ? { stage, verdict: 'pass', detail: 'the username matches; the password can’t be checked' }
        : { stage, verdict: 'unknown', detail: 'credentials are required; whether they are sent is unknown' };
  }
}

function dispatchStage({ dispatch, wildcardBypass }: Judgement): CheckedStage {
  const stage = 'dispatch';
  if (wildcardBypass) return { stage, verdict: 'pass', detail: ruleName(wildcardBypass) };
  switch (dispatch?.kind) {
    case undefined:
      return { stage, verdict: 'unknown', detail: 'no trunk' };
    case 'rule':
      return { stage, verdict: 'pass', detail: ruleName(dispatch.rule) };
    case 'conflict':
      return { stage, verdict: 'fail', detail: `${dispatch.between.map(ruleName).join(' and ')} conflict` };
    case 'none': {
      const why = {
        no_rules: 'there is no dispatch rule',
        other_trunk: 'every dispatch rule is bound to another trunk',
        number_mismatch: 'no dispatch rule of the trunk accepts these numbers',
      };
      return { stage, verdict: 'fail', detail: why[dispatch.why] };
    }
  }
}

function mediaStage({ media }: Judgement): CheckedStage {
  const stage = 'media';
  if (!media) return { stage, verdict: 'unknown', detail: 'no trunk' };
  const { verdict, encryption, codecs, timeoutSeconds } = media;
  const details: string[] = [];
  if (codecs.none && codecs.owner) {
    const how = codecs.verdict === 'fail' ? '' : ' in some releases of LiveKit';
    details.push(`the codec list of ${ownerName(codecs.owner)} lets no call through${how}`);
  }
  if (encryption.required !== 'no') {
    const whose = encryption.by.map(({ owner }) => ownerName(owner)).join(' and ');
    const how = encryption.required === 'yes' ? 'requires SRTP' : 'requires SRTP in some releases of LiveKit';
    const offer = {
      true: 'the call offers it',
      false: 'the call offers none',
      undefined: 'whether the call offers it is unknown',
    };
    details.push(`${whose} ${how}; ${offer[`${encryption.offered}`]}`);
  }
  if (details.length === 0) details.push('neither SRTP nor a codec list stops the call');
  if (timeoutSeconds !== undefined) details.push(`without audio, LiveKit hangs up after ${timeoutSeconds} s`);
  return { stage, verdict, detail: details.join('; ') };
}

const MARKS = { pass: 'ok  ', fail: 'FAIL', unknown: '?   ' };

/** The answer of a check for a terminal. */
export function checkToText(checked: Checked): string {
  const { to, would_connect, stages, trace, blocking, latent, unknowns, notes, findings } = checked;
  const answer =
    would_connect === null
      ? 'That depends on unknown details.'
      : would_connect
        ? 'It would connect.'
        : 'It would not connect.';
  const lines = [`Would a call to ${to} connect? ${answer}`, ''];
  for (const { stage, verdict, detail } of stages) lines.push(`  ${MARKS[verdict]} ${stage.padEnd(8)} ${detail}`);
  lines.push(...causeSections('What blocks it', blocking, checked, true));
  lines.push(...causeSections('What else may block it', latent, checked, false));
  if (checked.fixes.some((fix) => fix.proof !== undefined)) lines.push('', PROVEN);
  if (findings.length > 0) lines.push('', `Findings: ${findings.join(', ')}`);
  if (unknowns.length > 0) lines.push('', 'Unknown', ...unknowns.map((unknown) => `  - ${unknown}`));
  if (notes.length > 0) lines.push('', 'Notes', ...notes.map((note) => `  - ${note}`));
  lines.push('', 'Match, field by field');
  for (const { sip_trunk_id, name, verdict, fields } of trace.trunks) {
    lines.push(`  ${MARKS[verdict]} trunk ${sip_trunk_id}${name && ` "${name}"`}`, ...fields.map(fieldLine));
  }
  for (const { sip_dispatch_rule_id, name, verdict, chosen, fields } of trace.dispatch_rules) {
    const note = chosen ? '  (chosen)' : '';
    lines.push(
      `  ${MARKS[verdict]} rule ${sip_dispatch_rule_id}${name && ` "${name}"`}${note}`,
      ...fields.map(fieldLine),
    );
  }
  return `${lines.join('\n')}\n`;
}

function fieldLine({
  field,
  verdict,
  sent,
  listed,
  listed_left_out = 0,
  edit,
}: Checked['trace']['trunks'][number]['fields'][number]): string {
  const list =
    listed.length === 0
      ? 'any'
      : `[${listed.slice(0, 10).join(', ')}${listed.length + listed_left_out > 10 ? ', …' : ''}]`;
  return `         ${MARKS[verdict]} ${field.padEnd(18)} ${sent ?? '(unknown)'} in ${list}${edit ? `; nearest edit: ${edit}` : ''}`;
}
