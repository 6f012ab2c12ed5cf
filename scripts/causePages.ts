import { type Cause, CONFIDENCES } from '../src/diagnose/cause.ts';
import { CAUSES } from '../src/diagnose/registry.ts';
import { PARTY_WORDS } from '../src/diagnose/summary.ts';

/** One page for each cause, and their index. */
export function causePages(folder: string): { path: string; content: string }[] {
  const rows = CAUSES.map(({ id, title, party }) => `| [\`${id}\`](${id}.md) | ${title} | ${party} |`);
  const index = ['# Causes', '', '| id | the call failed because | who must act |', '| --- | --- | --- |', ...rows, ''];
  return [
    { path: `${folder}/README.md`, content: index.join('\n') },
    ...CAUSES.map(({ id, title, party, meaning, fix, confidence }: Cause) => ({
      path: `${folder}/${id}.md`,
      content: `# ${id}\n\nThe call failed because ${title}.\n\n${meaning}\n\n**Who must act:** ${PARTY_WORDS[party]} (\`${party}\`)\n\n**Fix:** ${fix}\n\n${confidenceSection(confidence)}`,
    })),
  ];
}

/** What lowers the confidence of every cause alike; see src/diagnose/rank.ts. */
const LOWERED =
  'Whatever the rule says, nothing is certain while another cause cannot be excluded. What rests on LiveKit’s configuration is not certain either while that is missing or old, or where LiveKit Cloud fell silent, of which it is not known that it refuses so.';

function confidenceSection(confidence: Cause['confidence']): string {
  const rows = CONFIDENCES.flatMap((level) => (confidence[level] ? [`| \`${level}\` | ${confidence[level]} |`] : []));
  return ['## Confidence', '', '| level | when |', '| --- | --- |', ...rows, '', LOWERED, ''].join('\n');
}
