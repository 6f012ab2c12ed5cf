import type { IncidentEvent } from '../incidents/incident.ts';
import { type IncidentJson, incidentText } from './incident.ts';
import { maskNumbers } from './mask.ts';

/** `slack`: only what an incoming webhook of Slack's takes. */
export type NoticeFormat = 'standard' | 'slack';

/**
 * The body by which others are told of an incident: numbers masked, and without what there is to paste, which is of no
 * use with masked numbers. `at` in epoch milliseconds.
 */
export function incidentNotice(incident: IncidentJson, event: IncidentEvent, at: number, format: NoticeFormat): string {
  const text = maskNumbers(incidentText(incident, event));
  if (format === 'slack') return JSON.stringify({ text: escapeForSlack(text) });
  const { fix, change, after_fix, summary, trunk_name } = incident;
  const data = {
    ...incident,
    trunk_name: trunk_name && maskNumbers(trunk_name),
    summary: maskNumbers(summary),
    change: change && { ...change, changes: change.changes.map(maskNumbers), text: maskNumbers(change.text) },
    fix: fix && { ...fix, action: maskNumbers(fix.action), pastes: [] },
    after_fix: after_fix && { ...after_fix, text: maskNumbers(after_fix.text) },
  };
  return JSON.stringify({ type: `incident.${event}`, timestamp: new Date(at).toISOString(), data, text });
}

/** In Slack's text these begin links and mentions. */
function escapeForSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
