import { causeSections, PROVEN } from '../explain/text.ts';
import type { Checked } from './check.ts';

const MARKS = { pass: 'ok  ', fail: 'FAIL', unknown: '?   ' };

/** The answer of a check for a terminal. */
export function checkToText(checked: Checked): string {
  const { to, would_connect, stages, trace, blocking, latent, unknowns, findings } = checked;
  const answer =
    would_connect === null
      ? 'That depends on what is not known.'
      : would_connect
        ? 'It would connect.'
        : 'It would not connect.';
  const lines = [`Would a call to ${to} connect? ${answer}`, ''];
  for (const { stage, verdict, detail } of stages) lines.push(`  ${MARKS[verdict]} ${stage.padEnd(8)} ${detail}`);
  lines.push(...causeSections('What keeps it out', blocking, checked, true));
  lines.push(...causeSections('What else may keep it out', latent, checked, false));
  if (checked.fixes.some((fix) => fix.proof !== undefined)) lines.push('', PROVEN);
  if (findings.length > 0) lines.push('', `Found on the way: ${findings.join(', ')}`);
  if (unknowns.length > 0) lines.push('', 'What is not known', ...unknowns.map((unknown) => `  - ${unknown}`));
  lines.push('', 'The match, field by field');
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
  edit,
}: Checked['trace']['trunks'][number]['fields'][number]): string {
  const list = listed.length === 0 ? 'any' : `[${listed.slice(0, 10).join(', ')}${listed.length > 10 ? ', …' : ''}]`;
  return `         ${MARKS[verdict]} ${field.padEnd(18)} ${sent ?? '(not known)'} in ${list}${edit ? `; nearest edit: ${edit}` : ''}`;
}
