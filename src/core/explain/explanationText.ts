import type { Evidence } from '../diagnose/cause.ts';
import { causeOf } from '../diagnose/causeOf.ts';
import type { CauseId } from '../diagnose/causes.ts';
import type { Effects } from '../fixes/effects.ts';
import type { Proof } from '../fixes/prove.ts';
import type { Explanation } from './explanation.ts';

const SOURCES: Record<Evidence['source'], string> = {
  jambonz: 'Jambonz’s webhooks',
  livekit: 'LiveKit’s webhooks',
  agent: 'the agent’s report',
  match: 'LiveKit’s configuration',
  settings: 'the settings',
  neighbours: 'Jambonz’s webhooks for other calls',
};

export const PROOFS: Record<Proof, string> = {
  connects: 'proven',
  connects_as_far_as_known: 'proven as far as known',
};
export const PROVEN =
  'proven: with this fix, and the first fix for each other cause, LiveKit’s matching admits the call on a copy of the configuration, and the fix locks out no other caller.';

const WHY: Record<Explanation['outcome'], string> = {
  failed: 'Why it failed',
  not_counted: 'Why it failed',
  dropped: 'Why it was dropped',
  connected: 'What happened',
};

/** An explanation for a terminal or a ticket. */
export function toText(explanation: Explanation): string {
  const { blocking, latent, alternatives, findings, unknowns, confidence } = explanation;
  const lines = [oneLine(explanation.summary)];
  if (explanation.cause !== null) {
    lines.push(
      '',
      oneLine(`Cause: ${blocking[0]} (${confidence}), owner: ${explanation.party}, call_sid: ${explanation.call_sid}`),
    );
    if (explanation.change) lines.push('', oneLine(explanation.change.text));
    lines.push(...causeSections(WHY[explanation.outcome], blocking, explanation, true));
    lines.push(...causeSections('Next blockers', latent, explanation, false));
    lines.push(...causeSections('Not ruled out', alternatives, explanation, false));
  }
  lines.push('', 'Caller experience', `  ${explanation.seen_by_caller.text}`);
  if (explanation.deployment) lines.push('', oneLine(deploymentLine(explanation.deployment)));
  if (explanation.fixes.some((fix) => fix.proof !== undefined)) lines.push('', PROVEN);
  if (findings.length > 0) lines.push('', `Findings: ${findings.join(', ')}`);
  if (unknowns.length > 0) lines.push('', 'Unknown', ...unknowns.map((unknown) => `  - ${oneLine(unknown)}`));
  return `${lines.join('\n')}\n`;
}

function deploymentLine({ kind, basis }: NonNullable<Explanation['deployment']>): string {
  const name = {
    cloud: 'LiveKit Cloud',
    self_hosted: 'self-hosted',
    unknown: 'Cloud or self-hosted is unknown',
  };
  return `LiveKit: ${name[kind]} (${basis})`;
}

/** What is said of some causes: title, evidence, fixes with what there is to paste. */
export function causeSections(
  heading: string,
  ids: readonly CauseId[],
  { evidence, fixes }: Pick<Explanation, 'evidence' | 'fixes'>,
  isNumbered: boolean,
): string[] {
  if (ids.length === 0) return [];
  const lines = ['', heading];
  for (const [i, id] of ids.entries()) {
    lines.push(`  ${isNumbered ? `${i + 1}.` : '-'} ${id}: ${titleOf(id)}`);
    for (const piece of evidence.filter((e) => e.cause === id)) {
      lines.push(`       ${oneLine(`${piece.name}: ${piece.value}`)}  [${SOURCES[piece.source]}]`);
    }
    for (const fix of fixes.filter((f) => f.cause === id)) {
      lines.push(`     Fix: ${oneLine(fix.action)}${fix.proof === undefined ? '' : `  [${PROOFS[fix.proof]}]`}`);
      if (fix.effects) lines.push(`       ${effectsLine(fix.effects)}`);
      // Flush left, so that what is copied from a terminal works as it is.
      for (const paste of fix.pastes) lines.push(`       ${paste.label}:`, '', paste.text, '');
    }
  }
  return lines;
}

/** What came in a webhook may hold line breaks: it is not to look like another line of the explanation. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\u2028\u2029]+/g, ' ');
}

export function effectsLine({ calls, newly_admitted, newly_refused, newly_conflicting, exposes }: Effects): string {
  const counts = `of the last ${calls} calls, ${newly_admitted} more would get in, ${newly_refused} would no longer get in, ${newly_conflicting} would conflict`;
  return [`Side effects: ${counts}`, ...exposes].join('; ');
}

export function titleOf(id: CauseId): string {
  return causeOf(id)?.title ?? '';
}
