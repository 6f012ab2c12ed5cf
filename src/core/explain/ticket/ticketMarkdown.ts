import { causeOf } from '../../diagnose/causeOf.ts';
import { PARTY_WORDS } from '../../diagnose/diagnosis.ts';
import { PROVEN } from '../explanationText.ts';
import { MASKED } from '../mask.ts';
import type { FieldTrace, MatchTrace } from '../trace.ts';
import type { CallWithEffects } from '../withEffects.ts';

type Described = CallWithEffects;
type Attempt = Described['attempts'][number];

/** How many entries of a list of numbers are shown. */
const LISTED = 10;

const MASKED_WORDS = 'Phone numbers are masked. Restore the full numbers before you paste a change.';

/** One call for a ticket to a carrier or to LiveKit. */
export function callMarkdown(call: Described): string {
  const started = call.started_at ? `, ${call.started_at}` : '';
  return [
    `# Call ${code(call.call_sid)}`,
    '',
    `From ${code(call.from ?? 'unknown')} to ${code(call.to ?? 'unknown')}${started}`,
    '',
    ...call.attempts.flatMap(attemptSection),
    ...(call.pending.length > 0
      ? [`Not yet explained: ${call.pending.map((leg) => code(leg.call_sid)).join(', ')}.`, '']
      : []),
    ...leftOutOf(call),
    ...ladderSection(call),
    ...(call.from?.includes(MASKED) || call.to?.includes(MASKED) ? [MASKED_WORDS, ''] : []),
  ].join('\n');
}

function leftOutOf({ left_out: { webhooks, attempts } }: Described): string[] {
  if (webhooks + attempts === 0) return [];
  return [`The call is too long to show all of it: ${webhooks} webhooks and ${attempts} attempts are left out.`, ''];
}

function attemptSection(attempt: Attempt): string[] {
  const { blocking, latent, alternatives, fixes, change, match, unknowns } = attempt;
  const lines = [`## ${prose(attempt.summary)}`, '', `- Leg: ${code(attempt.call_sid)}, trunk: ${code(attempt.trunk)}`];
  if (attempt.cause !== null) {
    const who = attempt.party === null ? '' : `; owner: ${PARTY_WORDS[attempt.party]}`;
    lines.push(`- Cause: ${code(attempt.cause)} (${attempt.confidence})${who}`);
  }
  if (change) lines.push(`- Change before the call: ${prose(change.text)}`);
  lines.push('');
  for (const id of [...blocking, ...latent]) {
    const evidence = attempt.evidence.filter((piece) => piece.cause === id);
    lines.push(`### ${code(id)}: ${prose(causeOf(id)?.title ?? '')}`, '');
    if (latent.includes(id)) lines.push('A next blocker: it would, or may, stop the call next.', '');
    if (evidence.length > 0) {
      lines.push(
        ...table(
          ['Evidence', 'Value', 'From'],
          evidence.map(({ name, value, source }) => [name, value, source]),
        ),
        '',
      );
    }
    for (const fix of fixes.filter(({ cause }) => cause === id)) {
      lines.push(`**Fix**${fix.proof ? ' (proven)' : ''}: ${prose(fix.action)}`, '');
      for (const paste of fix.pastes) lines.push(`${prose(paste.label)}:`, '', ...fence(paste.format, paste.text), '');
    }
  }
  if (fixes.some(({ proof }) => proof)) lines.push(prose(PROVEN), '');
  if (alternatives.length > 0) lines.push(`Not ruled out: ${alternatives.map(code).join(', ')}.`, '');
  if (unknowns.length > 0) lines.push('Unknown:', '', ...unknowns.map((line) => `- ${prose(line)}`), '');
  if (match) lines.push(...matchSection(match));
  return lines;
}

function matchSection(match: MatchTrace): string[] {
  const rows = [
    ...match.trunks.flatMap(({ sip_trunk_id, name, fields }) => rowsOf(`${sip_trunk_id} ${name}`.trim(), fields)),
    ...(match.auth ? rowsOf('credentials', [match.auth]) : []),
    ...match.dispatch_rules.flatMap(({ sip_dispatch_rule_id, name, fields }) =>
      rowsOf(`${sip_dispatch_rule_id} ${name}`.trim(), fields),
    ),
  ];
  const leftOut = match.trunks_left_out + match.dispatch_rules_left_out;
  return [
    'LiveKit’s matching, field by field:',
    '',
    ...table(['Trunk or rule', 'Field', 'Verdict', 'Sent', 'Listed'], rows),
    '',
    ...(leftOut > 0 ? [`${leftOut} more trunks and rules are not shown.`, ''] : []),
  ];
}

function rowsOf(of: string, fields: readonly FieldTrace[]): string[][] {
  return fields.map(({ field, verdict, sent, listed, listed_left_out = 0 }) => {
    const left = listed.length + listed_left_out - LISTED;
    const more = left > 0 ? ` and ${left} more` : '';
    return [of, field, verdict, sent ?? 'unknown', `${listed.slice(0, LISTED).join(', ')}${more}` || 'any'];
  });
}

function ladderSection({ ladder }: Described): string[] {
  if (ladder.messages.length === 0) return [];
  const rows = ladder.messages.map(({ at, from, to, label, detail, count, inferred }) => [
    at,
    from === to ? from : `${from} → ${to}`,
    `${count > 1 ? `${count} × ` : ''}${label}${inferred ? ' (inferred)' : ''}`,
    detail ?? '',
  ]);
  return [
    '## What happened',
    '',
    ...table(['When', 'Who', 'What', 'Detail'], rows),
    '',
    ...(ladder.stopped ? [`Stopped at: ${ladder.stopped.at_participant}. ${prose(ladder.stopped.text)}`, ''] : []),
  ];
}

// What comes from a webhook or from LiveKit is anybody's text: it must neither format the ticket nor link anywhere.

/** Text that stays text. */
export function prose(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_[\]<>|~&#!]/g, (char) => (char === '&' ? '&amp;' : `\\${char}`));
}

/** Text as code on one line. */
export function code(text: string): string {
  const inner = oneLine(text).replaceAll('|', '\\|');
  const ticks = '`'.repeat(longestTicks(inner) + 1);
  const pad = inner.startsWith('`') || inner.endsWith('`') || inner === '' ? ' ' : '';
  return `${ticks}${pad}${inner}${pad}${ticks}`;
}

/** Text as a block of code. */
export function fence(language: string, text: string): string[] {
  const ticks = '`'.repeat(Math.max(3, longestTicks(text) + 1));
  return [`${ticks}${language}`, text, ticks];
}

/** A table; its cells are text. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(prose).join(' | ')} |`;
  return [line(heading), `| ${heading.map(() => '---').join(' | ')} |`, ...rows.map(line)];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}
