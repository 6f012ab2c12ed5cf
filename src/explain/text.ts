import type { Evidence } from '../diagnose/cause.ts';
import { CAUSES, type CauseId } from '../diagnose/registry.ts';
import type { Explanation } from './json.ts';

const SOURCES: Record<Evidence['source'], string> = {
  jambonz: 'Jambonz’s webhooks',
  livekit: 'LiveKit’s webhooks',
  match: 'LiveKit’s configuration',
  settings: 'the settings',
};

/** An explanation for a terminal or a ticket. */
export function toText(explanation: Explanation): string {
  const { blocking, latent, alternatives, findings, unknowns, confidence } = explanation;
  const lines = [explanation.summary];
  if (explanation.outcome !== 'connected') {
    lines.push(
      '',
      `Cause: ${blocking[0]} (${confidence}), party: ${explanation.party}, call_sid: ${explanation.call_sid}`,
    );
    lines.push(...causeSections('Why it failed', blocking, explanation, true));
    lines.push(...causeSections('What would or may come next', latent, explanation, false));
    if (alternatives.length > 0) {
      lines.push('', 'What the evidence cannot exclude');
      lines.push(...alternatives.map((id) => `  - ${id}: ${titleOf(id)}`));
    }
  }
  if (findings.length > 0) lines.push('', `Found on the way: ${findings.join(', ')}`);
  if (unknowns.length > 0) lines.push('', 'What could not be known', ...unknowns.map((unknown) => `  - ${unknown}`));
  return `${lines.join('\n')}\n`;
}

function causeSections(
  heading: string,
  ids: readonly CauseId[],
  { evidence, fixes }: Explanation,
  isNumbered: boolean,
): string[] {
  if (ids.length === 0) return [];
  const lines = ['', heading];
  for (const [i, id] of ids.entries()) {
    lines.push(`  ${isNumbered ? `${i + 1}.` : '-'} ${id}: ${titleOf(id)}`);
    for (const piece of evidence.filter((e) => e.cause === id)) {
      lines.push(`       ${piece.name}: ${piece.value}  [${SOURCES[piece.source]}]`);
    }
    for (const fix of fixes.filter((f) => f.cause === id)) {
      lines.push(`     Fix: ${fix.action}`);
      // Flush left, so that what is copied from a terminal works as it is, the end of a here-document included.
      for (const paste of fix.pastes) lines.push(`       ${paste.label}:`, '', paste.text, '');
    }
  }
  return lines;
}

function titleOf(id: CauseId): string {
  return CAUSES.find((cause) => cause.id === id)?.title ?? '';
}
